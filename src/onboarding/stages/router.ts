import { listPorts } from '../../openstack/neutron/ports.ts'
import { addRouterInterface, createRouter, listRouters, updateRouter } from '../../openstack/neutron/routers.ts'
import type { Router } from '../../openstack/neutron/routers.ts'
import { describe } from '../../tenant/names.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { descriptionChange, isOurs } from '../ownership.ts'
import type { Resource } from '../resource.ts'
import { projectOf } from './accounts.ts'
import { descriptionField, networkPart, subnetOf } from './subnet.ts'

export function routerOf(tenant: Tenant, project: TenantProject): Resource<Router, 'automation'> {
  const on = projectOf(tenant, project)
  const { router: name } = project.names
  const what = `router of ${project.names.project}`
  return {
    ...networkPart(tenant, project, { kind: 'router', name }),
    async observe({ session, known }) {
      return (await listRouters(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    twins: {
      async usersOf({ session }, { id }) {
        const ports = await listPorts(session, { device_id: id })
        return ports
          .filter((port) => port.device_owner.startsWith('network:router_interface'))
          .map((port) => `port ${port.id}`)
      },
      deleteCommand: 'openstack router delete',
    },
    compare(found, known) {
      const wanted = known.shared.externalNetwork()
      const gateway = found.external_gateway_info?.network_id
      return {
        isOurs: isOurs(tenant.spec.tenant, known, found),
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
        ...descriptionField(descriptionChange(tenant.spec.tenant, what, found.description)),
      }),
  }
}

/** The port that connects the subnet to the router. */
export function interfaceOf(tenant: Tenant, project: TenantProject): Resource<{ readonly id: string }, 'automation'> {
  const subnet = subnetOf(tenant, project)
  const router = routerOf(tenant, project)
  return {
    ...networkPart(tenant, project, {
      kind: 'interface',
      name: `${project.names.subnet} on ${project.names.router}`,
      inside: [subnet.id, router.id],
    }),
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
