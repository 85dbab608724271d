import {
  createNetwork,
  deleteNetwork,
  getNetwork,
  listNetworks,
  updateNetwork,
} from '../../openstack/neutron/networks.ts'
import type { Network } from '../../openstack/neutron/networks.ts'
import { createPort, deletePort, getPort, listPorts } from '../../openstack/neutron/ports.ts'
import type { Port } from '../../openstack/neutron/ports.ts'
import { listFloatingIps } from '../../openstack/neutron/floating-ips.ts'
import { createRbacPolicy, listRbacPolicies } from '../../openstack/neutron/rbac-policies.ts'
import {
  createSecurityGroup,
  deleteSecurityGroup,
  getSecurityGroup,
  listSecurityGroups,
} from '../../openstack/neutron/security-groups.ts'
import type { SecurityGroup } from '../../openstack/neutron/security-groups.ts'
import { createSubnet, getSubnet } from '../../openstack/neutron/subnets.ts'
import type { Subnet } from '../../openstack/neutron/subnets.ts'
import { isGone } from '../../probes/absence.ts'
import type { Account, VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Party } from '../../probes/checks.ts'
import { removeNetwork, removeSecurityGroups } from '../../probes/throwaway/empty.ts'
import { hasService } from '../../openstack/has-service.ts'

type Neighbour = {
  readonly network: Network
  readonly subnet: Subnet
  readonly port: Port
  readonly group: SecurityGroup
}

export async function probeNetwork(family: Family, fixture: VerificationFixture): Promise<void> {
  if (!(await hasService(fixture.own.account.session, 'network'))) return
  const [neighbour, own] = await Promise.all([
    buildNeighbour(fixture),
    makeNetwork(fixture, fixture.own.account, 'own-net'),
  ])
  await Promise.all(
    [fixture.own.account, ...fixture.workers].map((as, index) =>
      probeReading(family, fixture, neighbour, as, index === 0 ? 'account' : as.actor),
    ),
  )
  await Promise.all([probeSharing(family, fixture, neighbour, own), probeIntrusion(family, fixture, neighbour)])
  await probeDestruction(family, fixture, neighbour)
}

async function buildNeighbour(fixture: VerificationFixture): Promise<Neighbour> {
  const { throwaways, foreign } = fixture
  const { session } = foreign.account
  const network = await makeNetwork(fixture, foreign.account, 'foreign-net')
  const { description } = throwaways
  const [group, subnet] = await Promise.all([
    createSecurityGroup(session, { name: throwaways.name('foreign-sg'), description }),
    createSubnet(session, {
      name: throwaways.name('foreign-subnet'),
      network_id: network.id,
      cidr: '192.0.2.0/28',
      ip_version: 4,
      enable_dhcp: false,
      description,
    }),
  ])
  const port = await createPort(session, { network_id: network.id, name: throwaways.name('foreign-port'), description })
  return { network, subnet, port, group }
}

/** With everything that will be in it, and the security groups of its project. */
async function makeNetwork(
  { throwaways, operator }: VerificationFixture,
  account: Account,
  what: string,
): Promise<Network> {
  const name = throwaways.name(what)
  await throwaways.make({
    kind: 'security groups of',
    name: account.project.name,
    create: () => Promise.resolve(account.project),
    find: () => Promise.resolve(account.project),
    remove: ({ id }) => removeSecurityGroups(operator, id),
  })
  return throwaways.make({
    kind: 'network',
    name,
    create: () => createNetwork(account.session, { name, description: throwaways.description }),
    find: async () => (await listNetworks(operator, { name }))[0],
    remove: (network) => removeNetwork(operator, network.id),
  })
}

async function probeReading(
  family: Family,
  { foreign }: VerificationFixture,
  neighbour: Neighbour,
  as: Party,
  who: string,
): Promise<void> {
  const { network, subnet, port, group } = neighbour
  const projectId = foreign.account.project.id
  const common = { as, whom: "a neighbour's throwaway network", expected: 'refused' } as const
  const list = { as, whom: "a neighbour's throwaway network", expected: 'empty' } as const
  const isForeign = ({ project_id }: { readonly project_id: string }): boolean => project_id === projectId
  const describe = (all: readonly { readonly project_id: string }[]): string =>
    `${all.length} listed, ${all.filter(isForeign).length} of the neighbour`
  await Promise.all([
    family.check({
      ...common,
      id: `read-network-by-${who}`,
      claim: `${as.who} cannot read a network of a neighbour`,
      rule: 'network:get_network',
      ask: (session) => getNetwork(session, network.id),
    }),
    family.check({
      ...common,
      id: `read-subnet-by-${who}`,
      claim: `${as.who} cannot read a subnet of a neighbour`,
      rule: 'network:get_subnet',
      ask: (session) => getSubnet(session, subnet.id),
    }),
    family.check({
      ...common,
      id: `read-port-by-${who}`,
      claim: `${as.who} cannot read a port of a neighbour`,
      rule: 'network:get_port',
      ask: (session) => getPort(session, port.id),
    }),
    family.check({
      ...common,
      id: `read-security-group-by-${who}`,
      claim: `${as.who} cannot read a security group of a neighbour`,
      rule: 'network:get_security_group',
      ask: (session) => getSecurityGroup(session, group.id),
    }),
    family.check({
      ...list,
      id: `list-networks-by-${who}`,
      claim: `${as.who} sees no network of a neighbour`,
      rule: 'network:get_network',
      ask: (session) => listNetworks(session),
      shows: (all) => all.some(isForeign),
      describe,
    }),
    family.check({
      ...list,
      id: `list-ports-by-${who}`,
      claim: `${as.who} sees no port of a neighbour, addresses included`,
      rule: 'network:get_port',
      ask: (session) => listPorts(session),
      shows: (all) => all.some(isForeign),
      describe,
    }),
    family.check({
      ...list,
      id: `list-security-groups-by-${who}`,
      claim: `${as.who} sees no security group of a neighbour`,
      rule: 'network:get_security_group',
      ask: (session) => listSecurityGroups(session),
      shows: (all) => all.some(isForeign),
      describe,
    }),
    family.check({
      ...list,
      whom: 'the floating addresses of all projects',
      id: `list-floating-ips-by-${who}`,
      claim: `${as.who} sees no floating address of other projects`,
      rule: 'network:get_floatingip',
      ask: async (session) => ({ all: await listFloatingIps(session), own: (await session.token()).projectId }),
      shows: ({ all, own }) => all.some(({ project_id }) => project_id !== own),
      describe: ({ all }) => `${all.length} listed`,
    }),
    family.check({
      ...list,
      id: `list-rbac-by-${who}`,
      claim: `${as.who} sees no sharing policy of other projects`,
      rule: 'network:get_rbac_policy',
      ask: async (session) => ({ all: await listRbacPolicies(session), own: (await session.token()).projectId }),
      shows: ({ all, own }) =>
        all.some(
          ({ project_id, target_tenant }) => project_id !== own && target_tenant !== own && target_tenant !== '*',
        ),
      describe: ({ all }) => `${all.length} listed`,
    }),
  ])
}

async function probeSharing(
  family: Family,
  fixture: VerificationFixture,
  { network }: Neighbour,
  own: Network,
): Promise<void> {
  const { operator, foreign, throwaways } = fixture
  const { account } = fixture.own
  const common = {
    as: account,
    whom: 'its own throwaway network',
    expected: 'refused',
    code: 'isolation/sharing',
  } as const
  const share = (object_id: string, action: string, target_tenant: string) => ({
    object_type: 'network',
    object_id,
    action,
    target_tenant,
  })
  const isShared = async (objectId: string, action: string, target: string): Promise<boolean> =>
    (await listRbacPolicies(operator, { object_id: objectId })).some(
      (policy) => policy.action === action && policy.target_tenant === target,
    )
  const shared = throwaways.name('shared-net')
  await Promise.all([
    family.check({
      ...common,
      id: 'share-with-all',
      claim: 'an account cannot share its network with the whole cloud',
      rule: 'network:create_rbac_policy:target_tenant',
      ask: (session) => createRbacPolicy(session, share(own.id, 'access_as_shared', '*')),
      effect: () => isShared(own.id, 'access_as_shared', '*'),
    }),
    family.check({
      ...common,
      id: 'offer-as-external',
      claim: 'an account cannot offer its network to the whole cloud as an external one',
      rule: 'network:create_rbac_policy:target_tenant',
      ask: (session) => createRbacPolicy(session, share(own.id, 'access_as_external', '*')),
      effect: () => isShared(own.id, 'access_as_external', '*'),
    }),
    family.check({
      ...common,
      whom: 'a project of a throwaway foreign domain',
      expected: 'reported',
      id: 'share-with-one',
      claim: 'sharing a network with a project of another domain',
      rule: 'network:create_rbac_policy',
      ask: (session) => createRbacPolicy(session, share(own.id, 'access_as_shared', foreign.account.project.id)),
      shows: () => true,
      describe: () => 'it can: the other project then sees the network and may put ports on it',
    }),
    family.check({
      ...common,
      whom: "a neighbour's throwaway network",
      code: 'isolation/foreign-write',
      id: 'share-foreign',
      claim: 'an account cannot share the network of a neighbour with itself',
      rule: 'network:create_rbac_policy',
      ask: (session) => createRbacPolicy(session, share(network.id, 'access_as_shared', account.project.id)),
      effect: () => isShared(network.id, 'access_as_shared', account.project.id),
    }),
    family.check<Network>({
      ...common,
      whom: 'the whole cloud',
      id: 'create-shared',
      claim: 'an account cannot create a network that is shared from the start',
      rule: 'network:create_network:shared',
      ask: (session) =>
        throwaways.make({
          kind: 'network',
          name: shared,
          create: () => createNetwork(session, { name: shared, description: throwaways.description, shared: true }),
          find: async () => (await listNetworks(operator, { name: shared }))[0],
          remove: ({ id }) => deleteNetwork(operator, id),
        }),
      effect: async () => (await listNetworks(operator, { name: shared })).some((one) => one.shared),
    }),
  ])
}

async function probeIntrusion(
  family: Family,
  fixture: VerificationFixture,
  { network, group }: Neighbour,
): Promise<void> {
  const { operator, foreign, throwaways } = fixture
  const { account } = fixture.own
  const common = { as: account, whom: "a neighbour's throwaway network", expected: 'refused' } as const
  const { description } = throwaways
  const port = throwaways.name('intruder-port')
  const planted = throwaways.name('planted-net')
  await Promise.all([
    family.check({
      ...common,
      id: 'create-port',
      claim: 'an account cannot put a port on the network of a neighbour',
      rule: 'network:create_port',
      // the port is deleted with the network
      ask: (session) => createPort(session, { network_id: network.id, name: port, description }),
      effect: async () => (await listPorts(operator, { network_id: network.id, name: port })).length > 0,
    }),
    family.check({
      ...common,
      id: 'open-security-group',
      claim: 'an account cannot open the security group of a neighbour',
      rule: 'network:create_security_group_rule',
      ask: (session) =>
        session.request({
          service: 'network',
          method: 'POST',
          path: '/security-group-rules',
          body: {
            security_group_rule: { security_group_id: group.id, direction: 'ingress', ethertype: 'IPv4', description },
          },
        }),
    }),
    family.check<Network>({
      ...common,
      whom: 'a project of a throwaway foreign domain',
      id: 'create-in-foreign-project',
      claim: 'an account cannot create a network in the project of a neighbour',
      rule: 'network:create_network',
      ask: (session) =>
        throwaways.make({
          kind: 'network',
          name: planted,
          create: () => createNetwork(session, { name: planted, description, project_id: foreign.account.project.id }),
          find: async () => (await listNetworks(operator, { name: planted }))[0],
          remove: ({ id }) => deleteNetwork(operator, id),
        }),
      effect: async () => (await listNetworks(operator, { name: planted })).length > 0,
    }),
  ])
}

async function probeDestruction(
  family: Family,
  fixture: VerificationFixture,
  { network, port, group }: Neighbour,
): Promise<void> {
  const { operator, throwaways } = fixture
  const common = { as: fixture.own.account, whom: "a neighbour's throwaway network", expected: 'refused' } as const
  const changed = `${throwaways.description} changed by a neighbour`
  await family.check({
    ...common,
    id: 'update-network',
    claim: 'an account cannot change the network of a neighbour',
    rule: 'network:update_network',
    ask: (session) => updateNetwork(session, network.id, { description: changed }),
    effect: async () => (await getNetwork(operator, network.id)).description === changed,
  })
  await Promise.all([
    family.check({
      ...common,
      id: 'delete-port',
      claim: 'an account cannot delete the port of a neighbour',
      rule: 'network:delete_port',
      ask: (session) => deletePort(session, port.id),
      effect: () => isGone(getPort(operator, port.id)),
    }),
    family.check({
      ...common,
      id: 'delete-security-group',
      claim: 'an account cannot delete the security group of a neighbour',
      rule: 'network:delete_security_group',
      ask: (session) => deleteSecurityGroup(session, group.id),
      effect: () => isGone(getSecurityGroup(operator, group.id)),
    }),
  ])
  await family.check({
    ...common,
    id: 'delete-network',
    claim: 'an account cannot delete the network of a neighbour',
    rule: 'network:delete_network',
    ask: (session) => deleteNetwork(session, network.id),
    effect: () => isGone(getNetwork(operator, network.id)),
  })
}
