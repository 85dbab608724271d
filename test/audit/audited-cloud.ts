/** A small cloud that is as the table says, and an audit of it: two tenants, groups, and accounts of the cloud itself. */
import { audit } from '../../src/audit/audit.ts'
import type { Audit, AuditOptions } from '../../src/audit/audit.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { grantKey } from '../../src/simulator/services/keystone/grants.ts'
import type { Cluster, Grant } from '../../src/simulator/state.ts'

export function auditedCloud(): Cloud {
  const account = (name: string, project: string) =>
    ({
      name,
      grants: ['member', 'load-balancer_member'].map((role) => ({ role, project })),
    }) as const
  const cloud = createCloud({
    preset: 'zed-patched',
    overrides: [],
    roles: ['helper'],
    domains: [
      {
        name: 'acme',
        projects: ['acme-prod'],
        users: [
          { name: 'acme-domain-admin', grants: [{ role: 'manager', domain: true }] },
          account('acme-svc', 'acme-prod'),
          { name: 'ann', grants: [{ role: 'member', project: 'acme-prod' }] },
        ],
      },
      {
        name: 'globex',
        projects: ['globex-prod'],
        users: [{ name: 'globex-domain-admin', grants: [{ role: 'manager', domain: true }] }, { name: 'gus' }],
      },
    ],
  })
  const { state } = cloud
  for (const [name, domain, member] of [
    ['acme-people', 'acme', 'ann'],
    ['operators', 'Default', 'admin'],
  ] as const) {
    const id = groupId(name)
    state.groups.set(id, { id, name, domain_id: idOf(cloud, 'domains', domain), description: '' })
    const userId = idOf(cloud, 'users', member)
    state.memberships.set(`${id}/${userId}`, { groupId: id, userId })
  }
  const [priorId, impliedId] = [idOf(cloud, 'roles', 'helper'), idOf(cloud, 'roles', 'reader')]
  state.inferences.set(`${priorId}/${impliedId}`, { priorId, impliedId })
  return cloud
}

export function groupId(name: string): string {
  return `group-${name}`
}

export function idOf(cloud: Cloud, table: 'domains' | 'projects' | 'users' | 'roles' | 'groups', name: string): string {
  const id = cloud.state[table].find((row) => row.name === name)?.id
  if (id === undefined) throw new Error(`there is no ${name} in ${table}`)
  return id
}

export function operatorOn(cloud: Cloud, fetch: Fetch = cloud.fetch): Session<'operator'> {
  const { admin } = cloud
  return openSession({
    actor: 'operator',
    endpoint: { authUrl: cloud.url, region: cloud.region },
    auth: {
      kind: 'password',
      user: { name: admin.name, domain: { name: admin.userDomain } },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    },
    fetch,
    // a cloud that says nothing is not waited for
    retry: { attempts: 1 },
  })
}

export function auditOf(operator: Session<'operator'>, options: Partial<AuditOptions> = {}): Promise<Audit> {
  return audit({ operator, tenants: [], managedRoles: ['member', 'load-balancer_member'], ...options })
}

/** As Keystone keeps it when the user leaves the directory: no request makes such a row. */
export function grant(cloud: Cloud, fields: Partial<Grant> & Pick<Grant, 'actorId' | 'targetId' | 'roleId'>): string {
  const row: Grant = { actor: 'users', on: 'projects', isInherited: false, ...fields }
  const key = grantKey(row)
  cloud.state.grants.set(key, row)
  return key
}

/** A cluster as a driver leaves it, without its objects in other services. */
export function addCluster(cloud: Cloud, uuid: string, fields: Pick<Cluster, 'project_id' | 'user_id'>): void {
  cloud.state.clusters.set(uuid, {
    uuid,
    name: 'k8s',
    ...fields,
    cluster_template_id: uuid,
    keypair: 'key',
    status: 'CREATE_COMPLETE',
    status_reason: null,
    health_status: null,
    stack_id: uuid,
    api_address: null,
    coe_version: null,
    node_addresses: [],
    master_addresses: [],
    node_count: 1,
    master_count: 1,
    create_timeout: 60,
    labels: {},
    labelsOwn: {},
    mergeLabels: false,
    fixed_network: null,
    fixed_subnet: null,
    floating_ip_enabled: false,
    master_lb_enabled: false,
    flavor_id: '1',
    master_flavor_id: '1',
    docker_volume_size: null,
    nodeGroups: [],
    trusteeUserId: undefined,
    trustId: undefined,
    certificateRefs: {},
    parts: [],
    createdAt: 0,
    updatedAt: undefined,
  })
}
