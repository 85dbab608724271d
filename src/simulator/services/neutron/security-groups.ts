/** /v2.0/security-groups and their rules. neutron 21.0.0, neutron/db/securitygroups_db.py. */
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { conflict, disallowed } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { mayRead, mayWrite, requireCreate } from './access.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { isoSeconds } from '../../world.ts'
import { isJson, listAt, numberAt, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import { requireQuota } from './quotas.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { SecurityGroup, SecurityGroupRule } from '../../state.ts'
import type { World } from '../../world.ts'

const RULE_FIELDS = [
  'security_group_id',
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
  'remote_group_id',
  'remote_address_group_id',
  'description',
  'project_id',
  'tenant_id',
]

function rule(
  world: World,
  group: { id: string; project_id: string },
  own: Partial<SecurityGroupRule>,
): SecurityGroupRule {
  return {
    id: world.ids.uuid(),
    project_id: group.project_id,
    security_group_id: group.id,
    ethertype: 'IPv4',
    direction: 'egress',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: null,
    remote_group_id: null,
    description: null,
    createdAt: world.now(),
    ...own,
  }
}

function newGroup(world: World, projectId: string, name: string, description: string): SecurityGroup {
  const now = world.now()
  const group = { id: world.ids.uuid(), project_id: projectId }
  const families = ['IPv4', 'IPv6']
  const egress = families.map((ethertype) => rule(world, group, { ethertype }))
  const within = families.map((ethertype) =>
    rule(world, group, { ethertype, direction: 'ingress', remote_group_id: group.id }),
  )
  const row: SecurityGroup = {
    ...group,
    name,
    description,
    tags: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    rules: name === 'default' ? [...egress, ...within] : egress,
  }
  world.state.securityGroups.set(row.id, row)
  return row
}

/** Neutron makes it with the first resource of a project, and again if it is gone. */
export function ensureDefaultGroup(world: World, projectId: string): SecurityGroup {
  const found = world.state.securityGroups.find((row) => row.project_id === projectId && row.name === 'default')
  return found ?? newGroup(world, projectId, 'default', 'Default security group')
}

/** Also called by the drivers of other services: a group of `count` rules beside its own two, each within the quota. */
export function addGroup(
  world: World,
  projectId: string,
  name: string,
  description: string,
  count: number,
): SecurityGroup {
  ensureDefaultGroup(world, projectId)
  requireQuota({ world }, 'security_group', projectId)
  const made = newGroup(world, projectId, name, description)
  let row = made
  for (let port = 1; port <= count; port += 1) {
    try {
      requireQuota({ world }, 'security_group_rule', projectId)
    } catch (error) {
      // one request a rule: the next round would go on here, this one starts again
      world.state.securityGroups.delete(row.id)
      throw error
    }
    const own = rule(world, made, { direction: 'ingress', protocol: 'tcp', port_range_min: port, port_range_max: port })
    row = { ...row, rules: [...row.rules, own] }
    world.state.securityGroups.set(row.id, row)
  }
  return row
}

function find(call: Call, id: string): SecurityGroup {
  const row = call.world.state.securityGroups.get(id)
  if (row === undefined || !mayRead(call, row.project_id)) {
    throw new Refusal(404, `Security group ${id} does not exist`, { type: 'SecurityGroupNotFound' })
  }
  return row
}

function showRule(row: SecurityGroupRule): Json {
  return {
    id: row.id,
    tenant_id: row.project_id,
    security_group_id: row.security_group_id,
    ethertype: row.ethertype,
    direction: row.direction,
    protocol: row.protocol,
    port_range_min: row.port_range_min,
    port_range_max: row.port_range_max,
    remote_ip_prefix: row.remote_ip_prefix,
    remote_address_group_id: null,
    normalized_cidr: row.remote_ip_prefix,
    remote_group_id: row.remote_group_id,
    description: row.description,
    created_at: isoSeconds(row.createdAt),
    updated_at: isoSeconds(row.createdAt),
    revision_number: 0,
    project_id: row.project_id,
  }
}

/** Inside its group a rule also shows an internal number and tags. */
function showInner(row: SecurityGroupRule, number: number): Json {
  const { description, created_at, updated_at, revision_number, project_id, ...head } = showRule(row)
  const tail = { description, tags: [], created_at, updated_at, revision_number, project_id }
  return { ...head, standard_attr_id: number, ...tail }
}

function show(row: SecurityGroup): Json {
  return {
    id: row.id,
    name: row.name,
    stateful: true,
    tenant_id: row.project_id,
    description: row.description,
    shared: false,
    security_group_rules: row.rules.map((each, index) => showInner(each, index + 1)),
    ...stamp(row),
  }
}

function visibleRules(call: Call): readonly SecurityGroupRule[] {
  return call.world.state.securityGroups.filter((row) => mayRead(call, row.project_id)).flatMap((row) => row.rules)
}

function isSame(one: SecurityGroupRule, other: SecurityGroupRule): boolean {
  const key = (row: SecurityGroupRule): string =>
    JSON.stringify([
      row.direction,
      row.ethertype,
      row.protocol,
      row.port_range_min,
      row.port_range_max,
      row.remote_ip_prefix,
      row.remote_group_id,
    ])
  return key(one) === key(other)
}

/** IPv6 alone has them: neutron 21.0.0, db/securitygroups_db.py, _validate_ethertype_and_protocol. */
const ipv6Protocols = new Set(
  'ipv6-encap ipv6-frag ipv6-icmp icmpv6 ipv6-nonxt ipv6-opts ipv6-route 41 43 44 58 59 60'.split(' '),
)

/** Several at once: all of them, or none. */
function createRules(call: Call): readonly SecurityGroupRule[] {
  const before = new Map(call.world.state.securityGroups.map((row) => [row.id, row]))
  try {
    return listAt(call.body, 'security_group_rules').map((body) => createRule(call, isJson(body) ? body : {}))
  } catch (error) {
    for (const [id, row] of before) call.world.state.securityGroups.set(id, row)
    throw error
  }
}

function createRule(call: Call, body: Json): SecurityGroupRule {
  requireCreate(call, 'create_security_group_rule')
  const group = find(call, textAt(body, 'security_group_id') ?? '')
  requireQuota(call, 'security_group_rule', group.project_id)
  const made = rule(call.world, group, {
    ethertype: textAt(body, 'ethertype') ?? 'IPv4',
    direction: textAt(body, 'direction') ?? 'ingress',
    protocol: textAt(body, 'protocol') ?? null,
    port_range_min: numberAt(body, 'port_range_min') ?? null,
    port_range_max: numberAt(body, 'port_range_max') ?? null,
    remote_ip_prefix: textAt(body, 'remote_ip_prefix') ?? null,
    remote_group_id: textAt(body, 'remote_group_id') ?? null,
    description: textAt(body, 'description') ?? '',
  })
  if (made.ethertype === 'IPv4' && made.protocol !== null && ipv6Protocols.has(made.protocol))
    throw new Refusal(400, `Invalid ethertype ${made.ethertype} for protocol ${made.protocol}.`, {
      type: 'SecurityGroupEthertypeConflictWithProtocol',
    })
  const twin = group.rules.find((each) => isSame(each, made))
  if (twin !== undefined) {
    throw conflict('SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${twin.id}.`)
  }
  call.world.state.securityGroups.set(group.id, touched(call, { ...group, rules: [...group.rules, made] }))
  return made
}

function findRule(call: Call): { readonly group: SecurityGroup; readonly row: SecurityGroupRule } {
  const id = param(call, 'id')
  const row = visibleRules(call).find((each) => each.id === id)
  const group = row === undefined ? undefined : call.world.state.securityGroups.get(row.security_group_id)
  if (row === undefined || group === undefined) {
    throw new Refusal(404, `Security group rule ${id} does not exist`, { type: 'SecurityGroupRuleNotFound' })
  }
  return { group, row }
}

export const securityGroupRoutes: readonly Route[] = [
  route('GET', '/v2.0/security-groups', (call) => {
    const own = projectOf(call)
    if (own !== '') ensureDefaultGroup(call.world, own)
    const rows = call.world.state.securityGroups.filter((row) => mayRead(call, row.project_id))
    return list(call, 'security_groups', rows.map(show))
  }),
  route('POST', '/v2.0/security-groups', (call) => {
    const body = bodyOf(call, 'security_group', ['name', 'description', 'project_id', 'tenant_id', 'stateful'])
    requireCreate(call, 'create_security_group')
    const own = projectOf(call)
    ensureDefaultGroup(call.world, own)
    const name = textAt(body, 'name') ?? ''
    if (name === 'default') {
      throw conflict('SecurityGroupDefaultAlreadyExists', 'Default security group already exists.')
    }
    requireQuota(call, 'security_group', own)
    return created({ security_group: show(newGroup(call.world, own, name, textAt(body, 'description') ?? '')) })
  }),
  route('GET', '/v2.0/security-groups/:id', (call) =>
    ok({ security_group: narrowed(call, show(find(call, param(call, 'id')))) }),
  ),
  route('PUT', '/v2.0/security-groups/:id', (call) => {
    const row = find(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_security_group')
    const body = bodyOf(call, 'security_group', ['name', 'description', 'stateful'])
    const next: SecurityGroup = touched(call, {
      ...row,
      ...fresh(call),
      createdAt: row.createdAt,
      revision: row.revision,
      tags: row.tags,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
    })
    call.world.state.securityGroups.set(row.id, next)
    return ok({ security_group: show(next) })
  }),
  route('DELETE', '/v2.0/security-groups/:id', (call) => {
    const row = find(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_security_group')
    if (row.name === 'default' && !isAdmin(call)) {
      throw conflict('SecurityGroupCannotRemoveDefault', 'Insufficient rights for removing default security group.')
    }
    if (call.world.state.ports.some((port) => port.security_groups.includes(row.id))) {
      throw conflict('SecurityGroupInUse', `Security Group ${row.id} in use.`)
    }
    call.world.state.securityGroups.delete(row.id)
    return noContent
  }),
  route('GET', '/v2.0/security-group-rules', (call) =>
    list(call, 'security_group_rules', visibleRules(call).map(showRule)),
  ),
  route('POST', '/v2.0/security-group-rules', (call) =>
    isJson(call.body) && 'security_group_rules' in call.body
      ? created({ security_group_rules: createRules(call).map(showRule) })
      : created({ security_group_rule: showRule(createRule(call, bodyOf(call, 'security_group_rule', RULE_FIELDS))) }),
  ),
  route('GET', '/v2.0/security-group-rules/:id', (call) => ok({ security_group_rule: showRule(findRule(call).row) })),
  route('DELETE', '/v2.0/security-group-rules/:id', (call) => {
    const { group, row } = findRule(call)
    if (!mayWrite(call, group.project_id)) throw disallowed('rule:delete_security_group_rule')
    const rules = group.rules.filter((each) => each.id !== row.id)
    call.world.state.securityGroups.set(group.id, touched(call, { ...group, rules }))
    return noContent
  }),
]
