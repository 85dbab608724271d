import { getIpAvailability } from '../../openstack/neutron/ip-availability.ts'
import { listNetworks } from '../../openstack/neutron/networks.ts'
import type { Network } from '../../openstack/neutron/networks.ts'
import { createRouter, deleteRouter, listRouters } from '../../openstack/neutron/routers.ts'
import type { Attempt } from '../../probes/attempt.ts'
import { messageOf } from '../../probes/attempt.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import { unfinished } from './clusters.ts'
import { objects } from './objects.ts'
import type { StandingProject } from './objects.ts'
import { signedIn } from './identities.ts'

/** The chosen external network, as the operator sees it. */
const externalNetwork = experiment<Network>(
  'external-network',
  'which external network gives egress?',
  async (on, notes) => {
    const { operator, tenant } = on.subject
    const wanted = tenant.facts.external_network
    const all = await notes.read(operator, (session) => listNetworks(session, { 'router:external': true }))
    const named = all.filter(({ id, name }) => wanted === undefined || wanted === id || wanted === name)
    const [found] = named
    notes.saw(`external networks: ${all.map(({ name }) => name).join(', ') || 'none'}`)
    if (found === undefined || named.length > 1) throw new Inapplicable('it is not clear which external network to use')
    return found
  },
)

export type Addresses = {
  readonly network: Network
  readonly free: number
  /** For routers without an address, and for the load balancer and API of incomplete clusters. */
  readonly needed: number
}

export const addresses = experiment<Addresses>(
  'addresses',
  'does the external network have addresses for what is still to be made?',
  async (on, notes) => {
    const network = await need(on, externalNetwork)
    const { operator, tenant } = on.subject
    const { total_ips, used_ips } = await notes.read(operator, (session) => getIpAvailability(session, network.id))
    const standing = await objects(on)
    const fresh = tenant.projects.filter(({ spec }) => spec.network !== undefined)
    let needed = fresh.length
    if (standing.kind === 'seen') {
      const routers = await notes.read(operator, (session) => listRouters(session))
      const attached = new Set(routers.filter((one) => one.external_gateway_info !== null).map((one) => one.project_id))
      needed = fresh.filter(({ names }) => {
        const found = standing.value.projects.find(({ asked }) => asked.names.project === names.project)
        return found === undefined || !attached.has(found.found.id)
      }).length
    }
    const lacking = await unfinished(on)
    if (lacking.kind === 'seen') needed += lacking.value.length
    const free = total_ips - used_ips
    notes.saw(`${network.name} has ${free} free addresses of ${total_ips}, and ${needed} are still needed`)
    return { network, free, needed }
  },
)

export type Gateway = {
  readonly project: StandingProject
  readonly external: Network
  /** Does the tenant see the external network at all? */
  readonly isVisible: boolean
  /** The answer to an impossible gateway; absent if a router has one already. */
  readonly tried: Attempt<unknown> | undefined
}

/**
 * May a tenant set a gateway? Tried with a network of its own, which is not external. A policy that refuses gateways
 * answers 403 before the code finds that the network is not external (400), and nothing is made. neutron 21.0.0,
 * pecan_wsgi/hooks/policy_enforcement.py, before; db/l3_db.py, _validate_gw_info
 */
export const gateways = experiment<readonly Gateway[]>(
  'gateways',
  'may the tenant see the external network, and set a gateway?',
  async (on, notes) => {
    const [external, { projects }] = await Promise.all([need(on, externalNetwork), need(on, objects)])
    const wanting = projects.filter(({ asked }) => asked.spec.network !== undefined)
    const found = await Promise.all(
      wanting.map(async (project): Promise<Gateway | undefined> => {
        const automation = await signedIn(on, notes, { actor: 'automation', project: project.asked })
        if (automation === undefined) return undefined
        const [networks, routers] = await Promise.all([
          notes.read(automation, (session) => listNetworks(session)),
          notes.read(automation, (session) => listRouters(session, { project_id: project.found.id })),
        ])
        const isVisible = networks.some(({ id }) => id === external.id)
        const own = networks.find(({ project_id }) => project_id === project.found.id)
        notes.saw(`${project.found.name} ${isVisible ? 'sees' : 'does not see'} the external network ${external.name}`)
        const hasGateway = routers.some((router) => router.external_gateway_info !== null)
        if (hasGateway || own === undefined) return { project, external, isVisible, tried: undefined }
        const tried = await notes.attempt(automation, async (session) => {
          const made = await createRouter(session, {
            name: on.throwaways.name('router'),
            external_gateway_info: { network_id: own.id },
          })
          // a network of the tenant that is external after all: remove the gateway at once
          await deleteRouter(session, made.id)
        })
        notes.saw(`an impossible gateway: ${messageOf(tried)}`, tried.requestIds)
        return { project, external, isVisible, tried }
      }),
    )
    const seen = found.filter((gateway) => gateway !== undefined)
    if (wanting.length > 0 && seen.length === 0)
      throw new Unasked('no application credential of the tenant signs in from here')
    return seen
  },
)
