/** Tags of networks, subnets, routers, ports and floating IPs. neutron 21.0.0, neutron/services/tag/tag_plugin.py. */
import { disallowed } from './error.ts'
import { mayRead, mayWrite } from './access.ts'
import { noContent, ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import { textsAt } from '../../json.ts'
import { touched } from './serializers.ts'
import type { Call, Route } from '../../service.ts'
import type { Network, State } from '../../state.ts'
import type { Table } from '../../table.ts'

/** The rows of every kind have what a tag needs; the table does not matter here. */
type Tagged = Pick<Network, 'id' | 'project_id' | 'tags' | 'createdAt' | 'updatedAt' | 'revision'>
type Kind = 'networks' | 'subnets' | 'routers' | 'ports' | 'floatingIps'

const KINDS: readonly (readonly [string, Kind])[] = [
  ['networks', 'networks'],
  ['subnets', 'subnets'],
  ['routers', 'routers'],
  ['ports', 'ports'],
  ['floatingips', 'floatingIps'],
]

function rowOf(call: Call, kind: Kind): Tagged {
  const id = param(call, 'id')
  const row: Tagged | undefined = call.world.state[kind].get(id)
  if (row === undefined || !mayRead(call, row.project_id)) {
    throw new Refusal(404, `Resource ${kind} ${id} could not be found.`, { type: 'TagResourceNotFound' })
  }
  return row
}

function setTags(call: Call, kind: Kind, tags: readonly string[]): readonly string[] {
  const row = rowOf(call, kind)
  if (!mayWrite(call, row.project_id)) throw disallowed(`rule:update_${kind}_tags`)
  retag(call, call.world.state, kind, row.id, [...new Set(tags)].sort())
  return tags
}

function retag(call: Call, state: State, kind: Kind, id: string, tags: readonly string[]): void {
  const change = <Row extends Tagged>(table: Table<Row>): void => {
    const row = table.get(id)
    if (row !== undefined) table.set(id, touched(call, { ...row, tags }))
  }
  switch (kind) {
    case 'networks':
      change(state.networks)
      return
    case 'subnets':
      change(state.subnets)
      return
    case 'routers':
      change(state.routers)
      return
    case 'ports':
      change(state.ports)
      return
    case 'floatingIps':
      change(state.floatingIps)
      return
  }
}

export const tagRoutes: readonly Route[] = KINDS.flatMap(([path, kind]) => [
  route('GET', `/v2.0/${path}/:id/tags`, (call) => ok({ tags: rowOf(call, kind).tags })),
  route('PUT', `/v2.0/${path}/:id/tags`, (call) => ok({ tags: setTags(call, kind, textsAt(call.body, 'tags')) })),
  route('GET', `/v2.0/${path}/:id/tags/:tag`, (call) => {
    const tag = param(call, 'tag')
    if (!rowOf(call, kind).tags.includes(tag))
      throw new Refusal(404, `Tag ${tag} could not be found.`, { type: 'TagNotFound' })
    return noContent
  }),
  route('PUT', `/v2.0/${path}/:id/tags/:tag`, (call) => {
    setTags(call, kind, [...rowOf(call, kind).tags, param(call, 'tag')])
    return { status: 201, body: null }
  }),
  route('DELETE', `/v2.0/${path}/:id/tags/:tag`, (call) => {
    const tag = param(call, 'tag')
    const { tags } = rowOf(call, kind)
    if (!tags.includes(tag)) throw new Refusal(404, `Tag ${tag} could not be found.`, { type: 'TagNotFound' })
    setTags(
      call,
      kind,
      tags.filter((each) => each !== tag),
    )
    return noContent
  }),
  route('DELETE', `/v2.0/${path}/:id/tags`, (call) => {
    setTags(call, kind, [])
    return noContent
  }),
])
