/** Neutron and Octavia, dependent objects first. */
import { deleteLoadBalancer, listLoadBalancers } from '../../openstack/octavia.ts'
import { hasExtension } from '../../openstack/neutron/extensions.ts'
import { deleteFloatingIp, listFloatingIps } from '../../openstack/neutron/floating-ips.ts'
import { deleteNetwork, listNetworks } from '../../openstack/neutron/networks.ts'
import { deletePort, listPorts } from '../../openstack/neutron/ports.ts'
import { deleteRbacPolicy, listRbacPolicies } from '../../openstack/neutron/rbac-policies.ts'
import { deleteRouter, listRouters, removeRouterPort, updateRouter } from '../../openstack/neutron/routers.ts'
import { deleteSecurityGroup, listSecurityGroups } from '../../openstack/neutron/security-groups.ts'
import { deleteSubnet, listSubnets } from '../../openstack/neutron/subnets.ts'
import type { Session } from '../../openstack/session.ts'
import { minute } from '../ownership.ts'
import type { Kind, Owned } from '../ownership.ts'
import { askForEach, ofProject } from '../reach.ts'
import type { Reach } from '../reach.ts'

const common = {
  stage: 'network',
  service: 'network',
  maker: 'automation',
  patienceMs: 5 * minute,
  isGoneAtOnce: true,
} as const

export const loadBalancers: Kind = {
  kind: 'load balancer',
  stage: 'load-balancers',
  service: 'load-balancer',
  maker: 'automation',
  patienceMs: 15 * minute,
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listLoadBalancers(reach.operator, filter))).map(
        ({ id, name, provisioning_status: status }) => ({
          id,
          name,
          projectId,
          // while it is pending, for any reason, Octavia refuses every change (409)
          isGoing: status.startsWith('PENDING_'),
          remove: (session) => deleteLoadBalancer(session, id),
        }),
      ),
    ),
}

export const floatingIps: Kind = {
  ...common,
  kind: 'floating IP',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listFloatingIps(reach.operator, filter))).map(
        ({ id, floating_ip_address }) => ({
          id,
          name: floating_ip_address,
          projectId,
          remove: (session) => deleteFloatingIp(session, id),
        }),
      ),
    ),
}

/**
 * `network:router_interface`, and its names on a distributed and on a highly available router. neutron_lib,
 * constants.py
 */
const interfaceOwners = [
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
]

/** Neutron keeps an interface that a route needs. neutron 21.0.0, db/extraroute_db.py, RouterInterfaceInUseByRoute */
export const routerRoutes: Kind = {
  ...common,
  kind: 'extra routes',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listRouters(reach.operator, filter))).flatMap(
        ({ id, name, routes = [] }) =>
          routes.length === 0
            ? []
            : [
                {
                  id,
                  name: `of ${name}: ${routes.map(({ destination, nexthop }) => `${destination} by ${nexthop}`).join(', ')}`,
                  projectId,
                  remove: async (session: Session) => {
                    await updateRouter(session, id, { routes: [] })
                  },
                },
              ],
      ),
    ),
}

export const routerInterfaces: Kind = {
  ...common,
  kind: 'router interface',
  list: (reach) =>
    askForEach(reach, async (projectId) => {
      const routers = await ofProject(reach, projectId, (filter) => listRouters(reach.operator, filter))
      const each = routers.map(async (router) =>
        (reach.isWhole
          ? (await listPorts(reach.operator)).filter(({ device_id }) => device_id === router.id)
          : await listPorts(reach.operator, { device_id: router.id })
        )
          .filter(({ device_owner }) => interfaceOwners.includes(device_owner))
          .map((port) => ({
            id: port.id,
            name: `${router.name} on ${port.fixed_ips.map(({ ip_address }) => ip_address).join(', ')}`,
            projectId,
            remove: (session: Session) => removeRouterPort(session, router.id, port.id),
          })),
      )
      return (await Promise.all(each)).flat()
    }),
}

/** With its gateway. */
export const routers: Kind = {
  ...common,
  kind: 'router',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listRouters(reach.operator, filter))).map(({ id, name }) => ({
        id,
        name,
        projectId,
        remove: (session) => deleteRouter(session, id),
      })),
    ),
}

/** Neutron's own ports (DHCP, metadata, gateways) are deleted with what they serve, and cannot be deleted alone. */
export const ports: Kind = {
  ...common,
  kind: 'port',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listPorts(reach.operator, filter)))
        .filter(({ device_owner }) => !device_owner.startsWith('network:'))
        .map(({ id, name, device_owner }) => ({
          id,
          name: name === '' ? `${id}${device_owner === '' ? '' : ` (${device_owner})`}` : name,
          projectId,
          remove: (session) => deletePort(session, id),
        })),
    ),
}

export const rbacPolicies: Kind = {
  ...common,
  kind: 'RBAC policy',
  list: async (reach) => {
    if (!(await hasExtension(reach.operator, 'rbac-policies'))) return []
    return askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listRbacPolicies(reach.operator, filter))).map((policy) => ({
        id: policy.id,
        name: `${policy.action} of ${policy.object_type} ${policy.object_id} for ${policy.target_tenant}`,
        projectId,
        remove: (session) => deleteRbacPolicy(session, policy.id),
      })),
    )
  },
}

export const subnets: Kind = {
  ...common,
  kind: 'subnet',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listSubnets(reach.operator, filter))).map(
        ({ id, name, cidr }) => ({
          id,
          name: name === '' ? cidr : name,
          projectId,
          remove: (session) => deleteSubnet(session, id),
        }),
      ),
    ),
}

export const networks: Kind = {
  ...common,
  kind: 'network',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await ofProject(reach, projectId, (filter) => listNetworks(reach.operator, filter))).map(({ id, name }) => ({
        id,
        name: name === '' ? id : name,
        projectId,
        remove: (session) => deleteNetwork(session, id),
      })),
    ),
}

export const securityGroups: Kind = {
  ...common,
  kind: 'security group',
  list: (reach) => groups(reach, (name) => name !== 'default'),
}

/**
 * Neutron makes it with the first resource of a project, and again whenever the project's own token lists groups. Only
 * an operator can delete it, so it is the last object of a project. neutron 21.0.0, db/securitygroups_db.py
 */
export const defaultSecurityGroups: Kind = {
  kind: 'default security group',
  stage: 'identity',
  service: 'network',
  isGoneAtOnce: true,
  list: (reach) => groups(reach, (name) => name === 'default'),
}

/** Without a filter: a list for one project makes Neutron create that project's `default` group again. */
async function groups(
  { operator, tenantState }: Reach,
  isWanted: (name: string) => boolean,
): Promise<readonly Owned[]> {
  return (await listSecurityGroups(operator))
    .filter(({ project_id, name }) => tenantState.projectIds.has(project_id) && isWanted(name))
    .map(({ id, name, project_id }) => ({
      id,
      name,
      projectId: project_id,
      remove: (session) => deleteSecurityGroup(session, id),
    }))
}
