import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Port } from '../../src/simulator/state.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

/* What others have on a tenant stops an offboarding before anything is touched; with it gone, the same command goes through. */

let bed: SimulatedTestBed
let file: string

beforeAll(async () => {
  bed = await openSimulated()
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
})

afterAll(() => bed.remove())

type Plant = { readonly put: () => void; readonly takeAway: () => void }

const plants: readonly (readonly [what: string, words: string, plant: () => Plant])[] = [
  [
    'a foreign port on its network',
    "port planted: does not belong to the tenant but depends on it: it is on the tenant's network `acme-net`, belongs to project `admin` of domain `Default`",
    () => inTable('ports', port({})),
  ],
  [
    'the interface of a foreign router',
    "is an interface of router r-foreign, of project `admin` of domain `Default`, on the tenant's network `acme-net`",
    () => inTable('ports', port({ device_owner: 'network:router_interface', device_id: 'r-foreign' })),
  ],
  [
    'a foreign subnet on its network',
    "subnet planted: does not belong to the tenant but depends on it: it is on the tenant's network `acme-net`",
    () => {
      const own = found('subnets', 'acme-subnet')
      return inTable('subnets', {
        ...own,
        id: 'planted',
        name: 'planted',
        project_id: operator(),
        cidr: '10.99.0.0/24',
      })
    },
  ],
  [
    'a foreign floating IP through its router',
    "floating IP 203.0.113.200: does not belong to the tenant but depends on it: it belongs to project `admin` of domain `Default` and is reached through the tenant's router `acme-router`",
    () =>
      inTable('floatingIps', {
        ...stamps(),
        id: 'planted',
        name: '',
        project_id: operator(),
        description: '',
        floating_ip_address: '203.0.113.200',
        floating_network_id: found('networks', 'provider-ext').id,
        port_id: null,
        fixed_ip_address: null,
        router_id: found('routers', 'acme-router').id,
      }),
  ],
  [
    'a share of its network',
    'network `acme-net`: belongs to the tenant, and project `admin` of domain `Default` may use it (access_as_shared)',
    () =>
      inTable('rbacPolicies', {
        id: 'planted',
        project_id: found('projects', 'acme-prod').id,
        action: 'access_as_shared',
        object_type: 'network',
        object_id: found('networks', 'acme-net').id,
        target_tenant: operator(),
      }),
  ],
  [
    'a member of a foreign load balancer in its subnet',
    'load balancer member 10.20.24.77',
    () =>
      inTable('pools', {
        id: 'planted',
        name: 'theirs',
        project_id: operator(),
        loadBalancerId: 'lb-foreign',
        members: [{ id: 'm1', name: '', address: '10.20.24.77', subnet_id: found('subnets', 'acme-subnet').id }],
      }),
  ],
  [
    'an image that is public',
    'image planted: belongs to the tenant, and it is public',
    () => inTable('images', image('public')),
  ],
  [
    'a member of an image',
    'image planted: belongs to the tenant, and project `admin` of domain `Default` is a member',
    () => {
      const own = inTable('images', image('shared'))
      const member = { image_id: 'planted', member_id: operator(), status: 'accepted' }
      return {
        put: () => {
          own.put()
          bed.cloud.state.imageMembers.set('planted', member)
        },
        takeAway: () => {
          own.takeAway()
          bed.cloud.state.imageMembers.delete('planted')
        },
      }
    },
  ],
  [
    'a cluster that somebody else made in its project',
    'is in project `acme-prod` of domain `acme` and was made by `admin`, who is not of this tenant',
    () => cluster({ user_id: found('users', 'admin').id, cluster_template_id: 'theirs' }),
  ],
  [
    'a cluster elsewhere that lives on one of its accounts',
    'uses the credential of `acme-cluster`, a user of the tenant',
    () => cluster({ project_id: operator(), cluster_template_id: 'theirs' }),
  ],
  [
    'a foreign cluster made from its template',
    "was made from the tenant's template `acme-k8s`",
    () => cluster({ project_id: operator(), user_id: found('users', 'admin').id }),
  ],
  [
    'a trust that somebody else gave to one of its users',
    'trust planted: was given by user',
    () =>
      inTable('trusts', {
        id: 'planted',
        trustor_user_id: found('users', 'admin').id,
        trustee_user_id: found('users', 'acme-svc').id,
        project_id: operator(),
        impersonation: false,
        expires_at: null,
        remaining_uses: null,
        redelegated_trust_id: null,
        redelegation_count: 0,
        extra: {},
        roleIds: [],
      }),
  ],
]

test.each(plants)('%s stops it', async (_, message, plant) => {
  const { put, takeAway } = plant()
  put()
  const sent = bed.sent.length
  const { code, out } = await bed.run('offboard', file, '--confirm', 'acme')
  takeAway()
  expect(out).toContain(message)
  expect(out).toContain('nothing is touched until this is resolved')
  expect(code).toBe(3)
  const changing = bed.sent.slice(sent).filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
  expect(changing).toEqual([])
})

test('the domain of the operator is never offboarded, whatever a file calls its tenant', async () => {
  const { state } = bed.cloud
  const own = found('domains', 'magnum')
  const magnum = await bed.write('magnum.yaml', await exampleTenant('magnum'))
  const { code, out } = await bed.run('offboard', magnum, '--confirm', 'magnum', '--adopt')
  expect(out).toContain('tenant/protected-domain')
  expect(code).toBe(3)
  expect((await bed.run('offboard', magnum, '--unfreeze', '--adopt')).code).toBe(3)
  expect(state.domains.get(own.id)).toEqual(own)
})

test('a domain that we did not make needs a second word', async () => {
  const { state } = bed.cloud
  const own = found('domains', 'acme')
  state.domains.set(own.id, { ...own, description: 'made by hand' })
  const { code, out } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out).toContain('exists and does not carry our marker')
  expect(code).toBe(3)
  const adopted = await bed.run('offboard', file, '--dry-run', '--adopt')
  expect(adopted.code, adopted.out).toBe(0)
  state.domains.set(own.id, own)
})

test('with all of it gone, the same command goes through', async () => {
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
})

type Rows = SimulatedTestBed['cloud']['state']
type Row<K extends keyof Rows> = Rows[K] extends { get(key: string): infer R } ? NonNullable<R> : never

function inTable<K extends keyof Rows>(name: K, row: Row<K>): Plant {
  // each table has rows of its own type, and the caller gave one of that
  const table = bed.cloud.state[name] as unknown as {
    set(key: string, row: unknown): void
    delete(key: string): void
  }
  return {
    put: () => {
      table.set('planted', row)
    },
    takeAway: () => {
      table.delete('planted')
    },
  }
}

function found<K extends 'projects' | 'users' | 'domains' | 'networks' | 'subnets' | 'routers'>(
  table: K,
  name: string,
): Row<K> {
  const rows: readonly { readonly name: string }[] = bed.cloud.state[table].map((row) => row)
  const row = rows.find((one) => one.name === name)
  if (row === undefined) throw new Error(`there is no ${table} ${name}`)
  // what came out of this table
  return row as unknown as Row<K>
}

function operator(): string {
  return found('projects', 'admin').id
}

function stamps() {
  return { tags: [], createdAt: Date.now(), updatedAt: Date.now(), revision: 1 }
}

function port(fields: Partial<Port>): Port {
  return {
    ...stamps(),
    id: 'planted',
    name: 'planted',
    description: '',
    project_id: operator(),
    network_id: found('networks', 'acme-net').id,
    mac_address: 'fa:16:3e:00:00:01',
    admin_state_up: true,
    status: 'DOWN',
    device_id: '',
    device_owner: '',
    fixed_ips: [],
    security_groups: [],
    port_security_enabled: false,
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    ...fields,
  }
}

function image(visibility: 'public' | 'shared'): Row<'images'> {
  return {
    id: 'planted',
    name: 'planted',
    visibility,
    owner: found('projects', 'acme-prod').id,
    status: 'active',
    size: 1,
    min_disk: 0,
    min_ram: 0,
    disk_format: 'raw',
    container_format: 'bare',
    protected: false,
    tags: [],
    properties: {},
    createdAt: Date.now(),
    updatedAt: Date.now(),
  }
}

/** A copy of the tenant's own, with something foreign. */
function cluster(fields: Partial<Row<'clusters'>>): Plant {
  const [own] = bed.cloud.state.clusters.values()
  if (own === undefined) throw new Error('the tenant has no cluster')
  return inTable('clusters', { ...own, uuid: 'planted', name: 'theirs', stack_id: null, parts: [], ...fields })
}
