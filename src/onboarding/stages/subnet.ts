import { createNetwork, listNetworks, updateNetwork } from '../../openstack/neutron/networks.ts'
import type { Network } from '../../openstack/neutron/networks.ts'
import { listPorts } from '../../openstack/neutron/ports.ts'
import type { Port } from '../../openstack/neutron/ports.ts'
import { createSubnet, listSubnets, updateSubnet } from '../../openstack/neutron/subnets.ts'
import type { Subnet } from '../../openstack/neutron/subnets.ts'
import { describe } from '../../tenant/names.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { descriptionChange, isOurs } from '../ownership.ts'
import { differing } from '../resource.ts'
import type { Change, Resource } from '../resource.ts'
import { projectOf } from './accounts.ts'
import { applicationCredentialOf } from './credentials.ts'

export function networkOf(tenant: Tenant, project: TenantProject): Resource<Network, 'automation'> {
  const on = projectOf(tenant, project)
  const { network: name } = project.names
  const what = `network of ${project.names.project}`
  return {
    ...networkPart(tenant, project, { kind: 'network', name }),
    async observe({ session, known }) {
      return (await listNetworks(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    twins: {
      async usersOf({ session, known }, { id }) {
        const projectId = known.need(on).id
        const [subnets, ports] = await Promise.all([
          listSubnets(session, { project_id: projectId }),
          listPorts(session, { network_id: id }),
        ])
        return [
          ...subnets.filter((one) => one.network_id === id).map((one) => `subnet ${one.name}`),
          ...portsInUse(ports),
        ]
      },
      deleteCommand: 'openstack network delete',
    },
    compare: (found, known) => ({
      isOurs: isOurs(tenant.spec.tenant, known, found),
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
      updateNetwork(
        session,
        found.id,
        descriptionField(descriptionChange(tenant.spec.tenant, what, found.description)),
      ),
  }
}

export function subnetOf(tenant: Tenant, project: TenantProject): Resource<Subnet, 'automation'> {
  const on = projectOf(tenant, project)
  const network = networkOf(tenant, project)
  const { subnet: name } = project.names
  const what = `subnet of ${project.names.project}`
  const dns = project.spec.network?.dns ?? []
  return {
    ...networkPart(tenant, project, { kind: 'subnet', name, inside: [network.id] }),
    async observe({ session, known }) {
      return (await listSubnets(session, { project_id: known.need(on).id, name })).filter((one) => one.name === name)
    },
    twins: {
      async usersOf({ session }, { id, network_id }) {
        const ports = await listPorts(session, { network_id })
        return portsInUse(ports.filter((port) => port.fixed_ips.some((ip) => ip.subnet_id === id)))
      },
      deleteCommand: 'openstack subnet delete',
    },
    compare(found, known) {
      const cidr = known.shared.cidrOf(project)
      const conflict =
        found.cidr !== cidr
          ? {
              message: `has ${found.cidr}, and the file says ${cidr}`,
              // the template is pinned to the subnet by id, so a new one needs a new template as well
              remedy: `a prefix cannot be changed: put ${found.cidr} into the tenant file; or remove the clusters and machines on it, then openstack router remove subnet ${project.names.router} ${found.id}, then openstack subnet delete ${found.id}, and apply again, which then says what to do about the template`,
            }
          : found.network_id !== known.need(network).id
            ? { message: `is on another network (${found.network_id})`, remedy: `delete or rename subnet ${found.id}` }
            : undefined
      return {
        isOurs: isOurs(tenant.spec.tenant, known, found),
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
        ...descriptionField(descriptionChange(tenant.spec.tenant, what, found.description)),
      }),
  }
}

/** `5 ports`, without those of Neutron's own DHCP, which stand on every subnet. */
function portsInUse(ports: readonly Port[]): readonly string[] {
  const { length } = ports.filter((port) => !port.device_owner.startsWith('network:dhcp'))
  return length === 0 ? [] : [`${length} ${length === 1 ? 'port' : 'ports'}`]
}

/** What every resource of this stage has in common. */
export function networkPart(
  tenant: Tenant,
  project: TenantProject,
  { kind, name, inside = [] }: Pick<Resource, 'kind' | 'name'> & Partial<Pick<Resource, 'inside'>>,
) {
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

/** The field of an update; absent where it stays as it is. */
export function descriptionField(changes: readonly Change[]): { readonly description?: string } {
  const change = changes.find(({ field }) => field === 'description')
  return change === undefined ? {} : { description: String(change.to) }
}
