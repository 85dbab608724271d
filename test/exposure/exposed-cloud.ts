/** Two tenants on one simulated cloud, and rows that expose the first: what its members, an operator or an accident leave. */
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { Network, Port, Router, SecurityGroup, State } from '../../src/simulator/state.ts'
import { operatorOn } from '../audit/audited-cloud.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

export type ExposedCloud = {
  readonly bed: SimulatedTestBed
  readonly operator: Session<'operator'>
  readonly domain: { readonly id: string; readonly name: string }
  readonly neighbour: { readonly id: string; readonly name: string }
}

export async function exposedCloud(): Promise<ExposedCloud> {
  const bed = await openSimulated()
  const other = (text: string): string => text.replace('10.20.24.0', '10.20.25.0')
  for (const [name, change] of [
    ['acme', undefined],
    ['globex', other],
  ] as const) {
    const file = await bed.write(`${name}.yaml`, await exampleTenant(name, change))
    const { code, err } = await bed.run('apply', file, '--yes', '--until', 'network')
    if (code !== 0) throw new Error(err)
  }
  const operator = operatorOn(bed.cloud)
  const [domain, neighbour] = await Promise.all([findDomain(operator, 'acme'), findDomain(operator, 'globex')])
  if (domain === undefined || neighbour === undefined) throw new Error('both were applied')
  return { bed, operator, domain, neighbour }
}

function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`the cloud has no ${what}`)
  return found
}

export const placesOf = (state: State) => {
  const project = (name: string): string =>
    need(
      state.projects.find((row) => row.name === name),
      name,
    ).id
  const network = (name: string): Network =>
    need(
      state.networks.find((row) => row.name === name),
      name,
    )
  const router = (name: string): Router =>
    need(
      state.routers.find(({ project_id }) => project_id === project(`${name}-prod`)),
      name,
    )
  const gateway = (name: string): string =>
    need(
      state.ports.find(
        ({ device_id, device_owner }) => device_id === router(name).id && device_owner === 'network:router_gateway',
      )?.fixed_ips[0]?.ip_address,
      'gateway',
    )
  return { project, network, router, gateway }
}

/** Puts a row into a table of the cloud; gives what takes it away again. */
type Put = (state: State) => () => void

let count = 0
const nextId = (): string => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`

export function routed(tenant: string, destination: string, nexthop: string): Put {
  return (state) => {
    const row = placesOf(state).router(tenant)
    state.routers.set(row.id, { ...row, routes: [{ destination, nexthop }] })
    return () => state.routers.set(row.id, row)
  }
}

export function portOn(network: string, project: string, more: Partial<Port> = {}): Put {
  return (state) => {
    const places = placesOf(state)
    const like = need(
      state.ports.find(() => true),
      'port',
    )
    const id = nextId()
    state.ports.set(id, {
      ...{ ...like, id, name: `planted-${id}`, device_id: '', device_owner: '', fixed_ips: [], security_groups: [] },
      ...{ network_id: places.network(network).id, project_id: project === '' ? '' : places.project(project) },
      ...{ port_security_enabled: true, allowed_address_pairs: [], ...more },
    })
    return () => state.ports.delete(id)
  }
}

export function shared(network: string, target: string, action = 'access_as_shared'): Put {
  return (state) => {
    const { id: object_id, project_id } = placesOf(state).network(network)
    const id = nextId()
    state.rbacPolicies.set(id, { id, project_id, action, object_type: 'network', object_id, target_tenant: target })
    return () => state.rbacPolicies.delete(id)
  }
}

/** A group that admits all that the rule says, on a port of the tenant. */
export function opened(project: string, network: string, rule: Partial<SecurityGroup['rules'][number]>): Put {
  return (state) => {
    const like = need(
      state.securityGroups.find(({ name }) => name === 'default'),
      'group',
    )
    const [id, first] = [nextId(), need(like.rules[0], 'rule')]
    const project_id = placesOf(state).project(project)
    const open = { ...first, id: nextId(), project_id, security_group_id: id, direction: 'ingress', protocol: null }
    const rules = [{ ...open, remote_ip_prefix: null, remote_group_id: null, ...rule }]
    state.securityGroups.set(id, { ...like, id, project_id, name: `planted-${id}`, rules })
    const undo = portOn(network, project, { security_groups: [id] })(state)
    return () => {
      undo()
      state.securityGroups.delete(id)
    }
  }
}
