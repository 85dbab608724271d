/** What cannot be seen, reported before anything is deleted, because it would stay behind. */
import type { Finding } from '../finding.ts'
import { hasService } from '../openstack/has-service.ts'
import { listExtensions } from '../openstack/neutron/extensions.ts'
import { serviceTable, serviceTypes } from '../openstack/services.ts'
import type { ServiceType } from '../openstack/services.ts'
import type { Session } from '../openstack/session.ts'
import type { TenantState } from './tenant-state.ts'
import { unseen } from './not-shown.ts'

/** Services that keep nothing of a project, or only what another service shows. */
const harmless = ['placement', 'cloudformation', 'metering', 'metric', 'event', 'alarming', 'clustering']

/** Whether `kinds.ts` finds all that a project has there: of a service that is new to the client it does not. */
const isSeen: Readonly<Record<ServiceType, boolean>> = {
  identity: true,
  compute: true,
  network: true,
  image: true,
  'block-storage': true,
  'load-balancer': true,
  'key-manager': true,
  'container-infra': true,
  orchestration: true,
}

/** Types that we ask, with the older names of them. */
const asked = serviceTypes.flatMap((type) => {
  if (!isSeen[type]) return []
  const { types, retiredTypes = [] } = serviceTable[type]
  return [...types, ...retiredTypes]
})

/** Extensions of Neutron with project objects that this tool does not read. neutron_lib, api/definitions. */
const extensions: Readonly<Record<string, string>> = {
  vpnaas: 'VPN services',
  fwaas_v2: 'firewall groups',
  bgp: 'BGP speakers',
  bgpvpn: 'BGP VPNs',
  sfc: 'port chains',
  taas: 'tap services',
  metering: 'metering labels',
  logging: 'network logs',
}

export async function findUnseenServices(operator: Session): Promise<readonly Finding[]> {
  const { catalog } = await operator.token()
  const unknown = [...new Set(catalog.map(({ type }) => type))].filter(
    (type) => !asked.includes(type) && !harmless.includes(type),
  )
  const known = (await hasService(operator, 'network')) ? await listExtensions(operator) : []
  const inNeutron = known.flatMap(({ alias }) => extensions[alias] ?? [])
  return [
    ...unknown.map((type) => unseen(`service ${type}`, "this tool does not read it: the tenant's objects there stay")),
    ...(inNeutron.length === 0
      ? []
      : [
          unseen(
            'network',
            `this tool does not read ${inNeutron.join(', ')}: the tenant's objects of these kinds stay`,
          ),
        ]),
  ]
}

/** Only a token of its project shows a secret or a stack, and there is none for a deleted project. */
export async function findUnseenInLost(
  operator: Session,
  { lostProjects }: Pick<TenantState, 'lostProjects'>,
): Promise<readonly Finding[]> {
  const [hasBarbican, hasHeat] = await Promise.all([
    hasService(operator, 'key-manager'),
    hasService(operator, 'orchestration'),
  ])
  const what = [...(hasBarbican ? ['secrets'] : []), ...(hasHeat ? ['stacks'] : [])].join(' and ')
  if (what === '') return []
  return [...lostProjects].map((id) =>
    unseen(`project ${id}`, `was deleted before anybody looked into it: no API shows which ${what} it left`),
  )
}
