import { listPorts } from '../../openstack/neutron/ports.ts'
import type { TenantProject } from '../../tenant/tenant.ts'
import { claimOnly } from '../gate.ts'
import type { GateContext } from '../gate.ts'
import type { Stage } from '../stage.ts'
import { interfaceOf, routerOf } from './router.ts'
import { networkOf, subnetOf } from './subnet.ts'

/*
 * Network, subnet, and a router with egress, made by automation with its application credential. Names are not unique
 * in Neutron, so every look-up is by project, and our resources carry our marker from the first request on.
 */

function hasNetwork(project: TenantProject): boolean {
  return project.spec.network !== undefined
}

export const networkStage: Stage<'network'> = {
  name: 'network',
  resources: (tenant) =>
    tenant.projects
      .filter(hasNetwork)
      .flatMap((project) => [
        networkOf(tenant, project),
        subnetOf(tenant, project),
        routerOf(tenant, project),
        interfaceOf(tenant, project),
      ]),
  gates: [
    {
      name: 'complete',
      async check(context) {
        await Promise.all(context.tenant.projects.filter(hasNetwork).map((project) => checkNetwork(context, project)))
      },
    },
  ],
}

async function checkNetwork(context: GateContext, project: TenantProject): Promise<void> {
  const { tenant, known, read } = context
  const identity = { actor: 'automation', project } as const
  const routerId = known.need(routerOf(tenant, project)).id
  const subnetId = known.need(subnetOf(tenant, project)).id
  const [network, subnet, router, ports] = await Promise.all([
    // the rows of a list are whole
    claimOnly(context, networkOf(tenant, project)),
    claimOnly(context, subnetOf(tenant, project)),
    claimOnly(context, routerOf(tenant, project)),
    read(identity, (session) => listPorts(session, { device_id: routerId })),
  ])
  const { names } = project
  network
    .about(networkOf(tenant, project))
    .claim(
      `network ${names.network} is up and not shared`,
      network.value?.admin_state_up === true && !network.value.shared,
      { id: network.value?.id ?? null },
    )
  subnet
    .about(subnetOf(tenant, project))
    .claim(`subnet ${names.subnet} has its prefix`, subnet.value?.cidr === known.shared.cidrOf(project), {
      id: subnetId,
      cidr: subnet.value?.cidr ?? null,
    })
  const gateway = router.value?.external_gateway_info ?? null
  const external = known.shared.externalNetwork()
  const ofRouter = router.about(routerOf(tenant, project))
  ofRouter.claim(`router ${names.router} is ACTIVE`, router.value?.status === 'ACTIVE', {
    id: routerId,
    status: router.value?.status ?? null,
  })
  ofRouter.claim(
    `router ${names.router} has an address of ${external.name}, and translates to it`,
    gateway !== null &&
      gateway.network_id === external.id &&
      gateway.enable_snat !== false &&
      gateway.external_fixed_ips.length > 0,
    {
      enable_snat: gateway?.enable_snat ?? null,
      addresses: gateway?.external_fixed_ips.map((ip) => ip.ip_address) ?? [],
      network: { id: external.id, name: external.name },
    },
  )
  const isAttached = ports.value.some((port) => port.fixed_ips.some((ip) => ip.subnet_id === subnetId))
  ports
    .about(interfaceOf(tenant, project))
    .claim(`subnet ${names.subnet} is connected to router ${names.router}`, isAttached, {
      ports: ports.value.map((port) => port.id),
    })
}
