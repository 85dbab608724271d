import { createNetwork, getNetwork, listNetworks, updateNetwork } from '../../openstack/neutron/networks.ts'
import type { Network } from '../../openstack/neutron/networks.ts'
import { listPorts } from '../../openstack/neutron/ports.ts'
import {
  addRouterInterface,
  createRouter,
  getRouter,
  listRouters,
  updateRouter,
} from '../../openstack/neutron/routers.ts'
import type { Router } from '../../openstack/neutron/routers.ts'
import { createSubnet, getSubnet, listSubnets, updateSubnet } from '../../openstack/neutron/subnets.ts'
import type { Subnet } from '../../openstack/neutron/subnets.ts'
import { describe } from '../../tenant/names.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import type { GateContext } from '../gate.ts'
import { carriesMarker, descriptionChange } from '../ownership.ts'
import { differing } from '../resource.ts'
import type { Change, Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { applicationCredentialOf } from './credentials.ts'
import { projectOf } from './self-service.ts'

/*
 * Network, subnet, and a router with egress, made by automation with its application credential. Names are not unique
 * in Neutron, so every look-up is by project, and our resources carry our marker from the first request on.
 */

export function networkOf(tenant: Tenant, project: TenantProject): Resource<Network, 'automation'> {
  const on = projectOf(tenant, project)
  const { network: name } = project.names
  const what = `network of ${project.names.project}`
  return {
    ...common(tenant, project, 'network', name),
    async observe({ session, known }) {
      return (await listNetworks(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    compare: (found) => ({
      isOurs: carriesMarker(tenant.spec.tenant, found.description),
      changes: descriptionChange(tenant.spec.tenant, what, found.description),
      ...(found.shared
        ? {
            conflict: {
              message: 'is shared with other projects',
              remedy: `openstack network set --no-share ${found.id}`,
            },
          }
        : {}),
    }),
    create: ({ session }) => createNetwork(session, { name, description: describe(tenant.spec.tenant, what) }),
    update: ({ session }, found) =>
      updateNetwork(session, found.id, description(descriptionChange(tenant.spec.tenant, what, found.description))),
  }
}

export function subnetOf(tenant: Tenant, project: TenantProject): Resource<Subnet, 'automation'> {
  const on = projectOf(tenant, project)
  const network = networkOf(tenant, project)
  const { subnet: name } = project.names
  const what = `subnet of ${project.names.project}`
  const dns = project.spec.network?.dns ?? []
  return {
    ...common(tenant, project, 'subnet', name, network.id),
    async observe({ session, known }) {
      return (await listSubnets(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    compare(found, known) {
      const cidr = known.shared.cidrOf(project)
      const conflict =
        found.cidr !== cidr
          ? {
              message: `has ${found.cidr}, and the file says ${cidr}`,
              remedy: 'a prefix cannot be changed: put the old one into the tenant file, or remove the network by hand',
            }
          : found.network_id !== known.need(network).id
            ? { message: `is on another network (${found.network_id})`, remedy: `delete or rename subnet ${found.id}` }
            : undefined
      return {
        isOurs: carriesMarker(tenant.spec.tenant, found.description),
        changes: [
          ...descriptionChange(tenant.spec.tenant, what, found.description),
          ...differing({ dns_nameservers: dns }, { dns_nameservers: found.dns_nameservers }),
        ],
        ...(conflict === undefined ? {} : { conflict }),
      }
    },
    create: ({ session, known }) =>
      createSubnet(session, {
        name,
        network_id: known.need(network).id,
        ip_version: 4,
        cidr: known.shared.cidrOf(project),
        dns_nameservers: dns,
        description: describe(tenant.spec.tenant, what),
      }),
    update: ({ session }, found) =>
      updateSubnet(session, found.id, {
        dns_nameservers: dns,
        ...description(descriptionChange(tenant.spec.tenant, what, found.description)),
      }),
  }
}

export function routerOf(tenant: Tenant, project: TenantProject): Resource<Router, 'automation'> {
  const on = projectOf(tenant, project)
  const { router: name } = project.names
  const what = `router of ${project.names.project}`
  return {
    ...common(tenant, project, 'router', name),
    async observe({ session, known }) {
      return (await listRouters(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    compare(found, known) {
      const wanted = known.shared.externalNetwork()
      const gateway = found.external_gateway_info?.network_id
      return {
        isOurs: carriesMarker(tenant.spec.tenant, found.description),
        changes: [
          ...descriptionChange(tenant.spec.tenant, what, found.description),
          ...(gateway === undefined ? [{ field: 'gateway', from: null, to: wanted.name }] : []),
        ],
        ...(gateway === undefined || gateway === wanted.id
          ? {}
          : {
              conflict: {
                message: `has its gateway on ${gateway}, and the file says ${wanted.name}`,
                remedy:
                  'put that network into the tenant file, or change the gateway by hand, which changes the address',
              },
            }),
      }
    },
    create: ({ session, known }) =>
      createRouter(session, {
        name,
        external_gateway_info: { network_id: known.shared.externalNetwork().id },
        description: describe(tenant.spec.tenant, what),
      }),
    update: ({ session, known }, found) =>
      updateRouter(session, found.id, {
        ...(found.external_gateway_info === null
          ? { external_gateway_info: { network_id: known.shared.externalNetwork().id } }
          : {}),
        ...description(descriptionChange(tenant.spec.tenant, what, found.description)),
      }),
  }
}

/** The port that connects the subnet to the router. */
export function interfaceOf(tenant: Tenant, project: TenantProject): Resource<{ readonly id: string }, 'automation'> {
  const subnet = subnetOf(tenant, project)
  const router = routerOf(tenant, project)
  return {
    ...common(tenant, project, 'interface', `${project.names.subnet} on ${project.names.router}`, subnet.id, router.id),
    async observe({ session, known }) {
      const subnetId = known.need(subnet).id
      const ports = await listPorts(session, { device_id: known.need(router).id })
      return ports.filter(
        (port) =>
          port.device_owner.startsWith('network:router_interface') &&
          port.fixed_ips.some((ip) => ip.subnet_id === subnetId),
      )
    },
    compare: () => ({ isOurs: true, changes: [] }),
    async create({ session, known }) {
      const made = await addRouterInterface(session, known.need(router).id, known.need(subnet).id)
      return { id: made.port_id }
    },
  }
}

function common(tenant: Tenant, project: TenantProject, kind: string, name: string, ...inside: readonly string[]) {
  return {
    id: `${project.prefix}network/${kind}`,
    stage: 'network',
    kind,
    name,
    identity: { actor: 'automation', project },
    inside: [projectOf(tenant, project).id, ...inside],
    needs: [applicationCredentialOf(tenant, project).id],
  } as const
}

function description(changes: readonly Change[]): { readonly description?: string } {
  const change = changes.find(({ field }) => field === 'description')
  return change === undefined ? {} : { description: String(change.to) }
}

function hasNetwork(project: TenantProject): boolean {
  return project.spec.network !== undefined
}

export const networkStage: Stage = {
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

async function checkNetwork({ tenant, known, read }: GateContext, project: TenantProject): Promise<void> {
  const identity = { actor: 'automation', project } as const
  const routerId = known.need(routerOf(tenant, project)).id
  const subnetId = known.need(subnetOf(tenant, project)).id
  const [network, subnet, router, ports] = await Promise.all([
    read(identity, (session) => getNetwork(session, known.need(networkOf(tenant, project)).id)),
    read(identity, (session) => getSubnet(session, subnetId)),
    read(identity, (session) => getRouter(session, routerId)),
    read(identity, (session) => listPorts(session, { device_id: routerId })),
  ])
  const { names } = project
  network
    .about(networkOf(tenant, project))
    .claim(`network ${names.network} is up and not shared`, network.value.admin_state_up && !network.value.shared, {
      id: network.value.id,
    })
  subnet
    .about(subnetOf(tenant, project))
    .claim(`subnet ${names.subnet} has its prefix`, subnet.value.cidr === known.shared.cidrOf(project), {
      id: subnetId,
      cidr: subnet.value.cidr,
    })
  const gateway = router.value.external_gateway_info
  const external = known.shared.externalNetwork()
  const ofRouter = router.about(routerOf(tenant, project))
  ofRouter.claim(`router ${names.router} is ACTIVE`, router.value.status === 'ACTIVE', {
    id: routerId,
    status: router.value.status,
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
