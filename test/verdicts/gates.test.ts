/**
 * Each claim of each gate, and a change of the world that turns it. A change comes when its stage begins: after the plan,
 * which would mend it, and before the gate, which must see it. It comes so late that the look of the plan does not serve the
 * gate any more.
 */
import { rmSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorChain, StepError } from '../../src/errors.ts'
import { onboard } from '../../src/onboarding/onboard.ts'
import type { Onboarded } from '../../src/onboarding/onboard.ts'
import type { Progress } from '../../src/onboarding/progress.ts'
import { sharedProof } from '../../src/onboarding/shared-proof.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Damage } from '../../src/simulator/faults.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import type { State } from '../../src/simulator/state.ts'
import type { Table } from '../../src/simulator/table.ts'
import { operatorCustody } from '../../src/tenant/custody.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import type { LoadedTenant } from '../../src/tenant/context.ts'
import type { Check, StageName } from '../../src/tenant/stage.ts'
import { connect, load } from '../library/library.ts'
import { exampleTenant, openSimulated, simulate } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

/** An answer of a service, changed on its way. */
type Wire = { readonly path: RegExp; readonly edit: (text: string) => string }

type Change = (state: State, bed: SimulatedTestBed) => void | Promise<void>

type Turn = {
  /** `plan`: the world is so before anything is read. */
  readonly stage: StageName | 'plan'
  readonly claim: string
  readonly change?: Change
  readonly wire?: Wire
  /** A policy file that Keystone reads last from then on. */
  readonly policy?: string
  /** cloud.yaml. */
  readonly facts?: LoadedTenant['tenant']['facts']
  /** What is told in its place: another claim, or the finding that ends the run before its plan. */
  readonly says?: string
}

/** Of a gate that is read in the tenant's first run only. */
type FirstTurn = Turn & { readonly seed?: Seed }

/** The plan's look serves a gate for a minute: src/openstack/memory.ts. */
const tooOldMs = 60_001

const beds: SimulatedTestBed[] = []

afterAll(async () => {
  for (const bed of beds) await bed.remove()
})

const patched: Seed = { preset: 'zed-patched', isPersonaBuilt: true }

async function openBed(seed: Seed = {}): Promise<SimulatedTestBed> {
  const bed = await openSimulated({ ...patched, ...seed })
  beds.push(bed)
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  return bed
}

/** One `apply` in which the world changes when that stage begins. What did not hold: claims, and codes of findings. */
async function wanting(bed: SimulatedTestBed, turn?: Turn): Promise<readonly string[]> {
  const { clock, cloud } = bed
  const opened =
    turn?.policy === undefined
      ? undefined
      : simulate({ ...patched, overrides: [turn.policy] }, { clock, state: cloud.state }).cloud
  let isBegun = turn?.stage === 'plan'
  if (isBegun) await turn?.change?.(bed.cloud.state, bed)
  const fetch: Fetch = async (url, init) => {
    const answer = await (isBegun && opened !== undefined ? opened : bed.cloud).fetch(url, init)
    const { wire } = turn ?? {}
    return isBegun && wire?.path.test(`${init.method} ${url}`) === true ? edited(answer, wire.edit) : answer
  }
  const loaded = await load(bed.folder, 'tenant.yaml')
  const tenant = { ...loaded.tenant, facts: turn?.facts ?? {} }
  const on = await connect({ ...loaded, tenant }, { ...bed, cloud: { ...bed.cloud, fetch } })
  const changes: Promise<void>[] = []
  const show = (event: Progress): void => {
    if (event.kind !== 'stage' || event.stage !== turn?.stage || event.state !== 'started') return
    isBegun = true
    clock.pass(tooOldMs)
    changes.push(Promise.resolve(turn.change?.(bed.cloud.state, bed)))
  }
  const onboarded = onboard(
    {
      ...on,
      options: { adopt: false, wait: true },
      custody: await operatorCustody(on.home),
      prove: sharedProof(bed.clock.now, on.home.proof),
    },
    {
      command: 'apply',
      pid: process.pid,
      goesOn: true,
      approve: () => Promise.resolve(true),
      watch: () => ({ show, end: () => undefined }),
    },
  )
  try {
    return missing(await onboarded)
  } catch (error) {
    if (error instanceof StepError) return errorChain(error)
    throw error
  } finally {
    await Promise.all(changes)
  }
}

function missing(onboarded: Onboarded): readonly string[] {
  if (onboarded.kind === 'declined') throw new Error('nobody declined')
  if (onboarded.kind === 'refused') return onboarded.findings.map(({ code }) => code)
  return onboarded.stages.flatMap(({ checks }) =>
    checks.filter(({ ok, claim }) => !ok || claim.includes('(does not hold;')).map(({ claim }) => claim),
  )
}

async function edited(answer: Awaited<ReturnType<Fetch>>, edit: Wire['edit']): ReturnType<Fetch> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body ?? []) chunks.push(chunk)
  const text = edit(Buffer.concat(chunks).toString('utf8'))
  const headers = { get: (name: string) => (name.toLowerCase() === 'content-length' ? null : answer.headers.get(name)) }
  return { status: answer.status, headers, body: once(Buffer.from(text)) }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

function need<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('the world lacks what a change needs')
  return found
}

type Fits<Row> = (row: Row) => boolean

function set<Row extends object>(table: Table<Row>, fits: Fits<Row>, fields: Partial<Row>): void {
  need(table.find(fits))
  for (const [key, row] of [...table.entries()]) if (fits(row)) table.set(key, { ...row, ...fields })
}

function twin<Row extends object>(table: Table<Row>, fits: Fits<Row>, id: Partial<Row>): void {
  table.set('twin', { ...need(table.find(fits)), ...id })
}

const named = (name: string) => (row: { readonly name: string }) => row.name === name

function grant(
  { users, roles, grants }: State,
  name: string,
  role: string,
  on: 'projects' | 'domains' | 'system',
  targetId: string,
): void {
  const { id: actorId } = need(users.find(named(name)))
  const { id: roleId } = need(roles.find(named(role)))
  grants.set('test', { actor: 'users', actorId, on, targetId, roleId, isInherited: false })
}

const project = ({ projects }: State): string => need(projects.find(named('acme-prod'))).id
const domain = ({ domains }: State): string => need(domains.find(named('acme'))).id
const quotaOf = (service: string, fields: Readonly<Record<string, number>>) => (state: State) => {
  state.quotas.set(`${service}/${project(state)}`, fields)
}
/** In a JSON text. */
const field = (name: string, value: unknown) => (text: string) =>
  text.replace(
    new RegExp(`"${name}":\\s*("[^"]*"|true|false|null|-?[0-9.]+|\\[[^\\]]*\\])`, 'g'),
    `"${name}":${JSON.stringify(value)}`,
  )

/** The first answers are as they were. */
function afterwards(count: number, edit: Wire['edit']): Wire['edit'] {
  let seen = 0
  return (text) => (++seen > count ? edit(text) : text)
}

const acmeNet = named('acme-net')
const acmeRouter = named('acme-router')
const acmeTemplate = named('acme-k8s')
const acmeCluster = named('acme-cluster')
const templateFields =
  (fields: Readonly<Record<string, unknown>>) =>
  ({ clusterTemplates }: State) => {
    const { fields: before } = need(clusterTemplates.find(acmeTemplate))
    set(clusterTemplates, acmeTemplate, { fields: { ...before, ...fields } })
  }

/** Of gates that every run reads. */
const turns: readonly Turn[] = [
  {
    stage: 'domain',
    claim: 'domain acme is enabled',
    change: ({ domains }) => set(domains, named('acme'), { enabled: false }),
  },
  {
    stage: 'domain',
    claim: 'acme-domain-admin holds exactly manager on domain acme',
    change: (state) => grant(state, 'acme-domain-admin', 'member', 'domains', domain(state)),
  },
  {
    stage: 'domain',
    claim: 'acme-domain-admin reaches nothing else by a group, by inheritance or on the system',
    change: (state) => grant(state, 'acme-domain-admin', 'reader', 'system', 'system'),
  },
  {
    stage: 'domain',
    claim: 'acme-domain-admin reaches nothing else by a group, by inheritance or on the system',
    change: (state) => {
      const groupId = 'a-group'
      state.groups.set(groupId, { id: groupId, name: groupId, domain_id: domain(state), description: '' })
      const userId = need(state.users.find(named('acme-domain-admin'))).id
      state.memberships.set(`${groupId}/${userId}`, { groupId, userId })
      const roleId = need(state.roles.find(named('reader'))).id
      const [on, targetId] = ['system', 'system'] as const
      state.grants.set('test', { actor: 'groups', actorId: groupId, on, targetId, roleId, isInherited: false })
    },
  },
  ...['acme-cluster', 'acme-svc'].flatMap((name): Turn[] => [
    {
      stage: 'self-service',
      claim: `${name} reaches nothing else by a group, by inheritance or on the system`,
      change: (state) => grant(state, name, 'reader', 'system', 'system'),
    },
    {
      stage: 'self-service',
      claim: `user ${name} is enabled`,
      change: ({ users }) => set(users, named(name), { enabled: false }),
    },
    {
      stage: 'self-service',
      claim: `${name} holds exactly member and load-balancer_member on each project`,
      change: (state) => grant(state, name, 'reader', 'projects', project(state)),
    },
  ]),
  {
    stage: 'self-service',
    claim: 'project acme-prod is enabled',
    change: ({ projects }) => set(projects, named('acme-prod'), { enabled: false }),
  },
  {
    stage: 'self-service',
    claim: 'compute quota of acme-prod is as in the tenant file',
    change: quotaOf('compute', { cores: 1 }),
  },
  {
    stage: 'self-service',
    claim: 'network quota of acme-prod is as in the tenant file',
    change: quotaOf('network', { router: 1 }),
  },
  {
    stage: 'self-service',
    claim: 'block storage quota of acme-prod is as in the tenant file',
    change: quotaOf('block-storage', { volumes: 1 }),
  },
  {
    stage: 'self-service',
    claim: 'load balancer quota of acme-prod is as in the tenant file',
    change: quotaOf('load-balancer', { load_balancer: 1 }),
  },
  {
    stage: 'self-service',
    claim: 'container infra quota of acme-prod is as in the tenant file',
    change: ({ magnumQuotas }) => set(magnumQuotas, () => true, { hard_limit: 99 }),
  },
  {
    stage: 'plan',
    claim: 'acme-svc signs in, unrestricted, on project acme-prod',
    wire: { path: /POST .*\/auth\/tokens/, edit: field('restricted', true) },
  },
  {
    stage: 'credentials',
    claim: 'the secret of acme-svc is in the data directory',
    change: (_, { folder }) => rmSync(join(folder, 'tenant-onboard', 'lab', 'acme', 'secrets', 'acme-svc.secret')),
  },
  {
    stage: 'credentials',
    claim: "keypair acme-key is the creator's, and its private half is in the data directory",
    change: ({ keypairs }) => set(keypairs, named('acme-key'), { public_key: 'ssh-ed25519 AAAA', fingerprint: '00' }),
  },
  {
    stage: 'network',
    claim: 'there is one network acme-net, and no other of its name',
    change: ({ networks }) => twin(networks, acmeNet, { id: 'twin' }),
  },
  {
    stage: 'network',
    claim: 'there is one subnet acme-subnet, and no other of its name',
    change: ({ subnets }) => twin(subnets, named('acme-subnet'), { id: 'twin' }),
  },
  {
    stage: 'network',
    claim: 'there is one router acme-router, and no other of its name',
    change: ({ routers }) => twin(routers, acmeRouter, { id: 'twin' }),
  },
  {
    stage: 'network',
    claim: 'network acme-net is up and not shared',
    change: ({ networks }) => set(networks, acmeNet, { admin_state_up: false }),
  },
  {
    stage: 'network',
    claim: 'subnet acme-subnet has its prefix',
    change: ({ subnets }) => set(subnets, named('acme-subnet'), { cidr: '10.99.0.0/24' }),
  },
  {
    stage: 'network',
    claim: 'router acme-router is ACTIVE',
    wire: { path: /GET .*\/routers/, edit: field('status', 'DOWN') },
  },
  {
    stage: 'network',
    claim: 'router acme-router has an address of provider-ext, and translates to it',
    change: ({ routers }) => set(routers, acmeRouter, { gateway: undefined }),
  },
  {
    stage: 'network',
    claim: 'subnet acme-subnet is connected to router acme-router',
    change: ({ ports }) => ports.deleteWhere(({ device_owner }) => device_owner === 'network:router_interface'),
  },
  {
    stage: 'template',
    claim: 'there is one cluster template acme-k8s, and no other of its name',
    change: ({ clusterTemplates }) => twin(clusterTemplates, acmeTemplate, { uuid: 'twin' }),
  },
  {
    stage: 'template',
    claim: 'template acme-k8s is for Kubernetes with calico',
    change: templateFields({ network_driver: 'flannel' }),
  },
  {
    stage: 'template',
    claim: 'template acme-k8s names its image by UUID',
    change: templateFields({ image_id: 'fedora' }),
  },
  {
    stage: 'template',
    claim: 'template acme-k8s has load balancer and floating IPs as in the tenant file',
    wire: {
      path: /GET .*\/clustertemplates/,
      edit: (text) => field('master_lb_enabled', false)(field('floating_ip_enabled', false)(text)),
    },
  },
  {
    stage: 'template',
    claim: "template acme-k8s is pinned to the project's network",
    change: templateFields({ fixed_network: null }),
  },
  {
    stage: 'cluster',
    claim: 'the trustee of acme-cluster is in the Magnum domain',
    wire: { path: /GET .*\/v3\/users\?/, edit: () => '{"users":[],"links":{"next":null}}' },
  },
  {
    stage: 'cluster',
    claim: 'the trust of acme-cluster is from acme-cluster and carries exactly its roles',
    change: ({ trusts }) => set(trusts, () => true, { roleIds: [] }),
  },
  {
    stage: 'cluster',
    claim: 'cluster acme-cluster is accepted',
    change: ({ clusters }) => set(clusters, acmeCluster, { status: 'CREATE_FAILED' }),
  },
  {
    stage: 'cluster',
    claim: 'there is one cluster acme-cluster, and no other of its name',
    change: ({ clusters }) => twin(clusters, acmeCluster, { uuid: 'twin' }),
  },
  {
    stage: 'cluster',
    claim: 'cluster acme-cluster is complete',
    wire: { path: /GET .*\/v1\/clusters\/[^/?]+$/, edit: afterwards(1, field('status', 'UPDATE_FAILED')) },
  },
  {
    stage: 'cluster',
    claim: 'cluster acme-cluster has all its machines and an address',
    change: ({ clusters }) => set(clusters, acmeCluster, { node_addresses: [] }),
  },
  {
    stage: 'cluster',
    claim: 'the driver of acme-cluster uses the trust, and left no credential',
    says: 'the driver of acme-cluster left a credential of the creator',
    wire: { path: /GET .*\/v1\/clusters/, edit: field('stack_id', 'acme-cluster-abcdefghijkl') },
  },
  {
    stage: 'cluster',
    claim: 'the kubeconfig of acme-cluster is signed by its CA',
    wire: { path: /\/v1\/certificates/, edit: (text) => text.replace(/MII/g, 'MIJ') },
  },
  {
    stage: 'cluster',
    claim: 'every node of acme-cluster is Ready',
    wire: {
      path: /\/api\/v1\/nodes/,
      edit: (text) => text.replace('"type":"Ready","status":"True"', '"type":"Ready","status":"False"'),
    },
  },
  {
    stage: 'cluster',
    claim: 'calico runs on every node of acme-cluster',
    wire: { path: /\/api\/v1\/pods/, edit: (text) => text.replaceAll('calico', 'other') },
  },
  {
    stage: 'cluster',
    claim: 'the cloud controller of acme-cluster runs',
    wire: { path: /\/api\/v1\/pods/, edit: (text) => text.replaceAll('openstack-cloud-controller-manager', 'other') },
  },
]

/** Of gates that are read once: before the tenant is there, and right after. */
const firstTurns: readonly FirstTurn[] = [
  ...(
    [
      ['create_grant', 'the manager cannot grant admin on its project'],
      ['create_grant', 'the manager cannot grant manager on its project'],
      ['create_grant', 'the manager cannot grant admin on its domain by a `target` in the body'],
      ['get_user', 'the manager cannot read a user of another domain'],
      ['get_project', 'the manager cannot read a project of another domain'],
    ] as const
  ).map(([action, claim]): FirstTurn => ({ stage: 'isolation', claim, policy: `"identity:${action}": ""\n` })),
  {
    stage: 'self-service',
    claim: 'the creator of acme-cluster carries no admin',
    says: 'the token of acme-cluster carries no admin: expected refused, observed allowed',
    wire: { path: /POST .*\/auth\/tokens/, edit: (text) => text.replace(/"name":\s*"member"/g, '"name":"admin"') },
  },
]

const open = (action: string): Seed => ({ overrides: [`"identity:${action}": ""\n`] })
const roleGone = (name: string): FirstTurn => ({
  stage: 'plan',
  claim: `role ${name} exists`,
  says: 'preflight/role-missing',
  change: ({ roles }) => set(roles, named(name), { name: `${name}-renamed` }),
})
const damaged = (claim: string, says: string, kind: Damage): FirstTurn => ({
  stage: 'plan',
  claim,
  says,
  change: (_, { cloud }) => cloud.damage(kind),
})

/** Of the preflight stage: what was read, and what throwaways showed. */
const preflightTurns: readonly FirstTurn[] = [
  {
    stage: 'plan',
    claim: 'the operator holds admin',
    says: 'preflight/not-admin',
    wire: { path: /POST .*\/auth\/tokens/, edit: (text) => text.replaceAll(/"name":"admin"/gi, '"name":"reader"') },
  },
  ...['manager', 'member', 'load-balancer_member', 'reader'].map(roleGone),
  {
    stage: 'plan',
    claim: 'the clocks agree within 60 seconds',
    says: 'preflight/clock-skew',
    seed: { faults: ['clock-skew'] },
  },
  {
    stage: 'plan',
    claim: "Magnum's domain magnum is enabled",
    says: 'preflight/magnum-domain-missing',
    change: ({ domains }) => set(domains, named('magnum'), { enabled: false }),
  },
  damaged("Magnum's domain magnum has its admin", 'preflight/magnum-domain-admin-missing', 'magnum-domain-admin-lost'),
  {
    stage: 'plan',
    claim: 'Magnum stores a quota of clusters for a project',
    wire: {
      path: /GET .*\/v1\/quotas\//,
      edit: (text) => text.replace(/"hard_limit":\s*1\b/, '"hard_limit": 7'),
    },
  },
  damaged('a public image is ready for Kubernetes', 'preflight/image-missing', 'image-private'),
  {
    stage: 'plan',
    claim: 'a public flavor suffices for Kubernetes',
    says: 'preflight/flavor-missing',
    change: ({ flavors }) => set(flavors, () => true, { isPublic: false }),
  },
  {
    stage: 'plan',
    claim: 'nodes of flavor gp.mid have a disk to boot from',
    says: 'preflight/flavor-without-disk',
    facts: { flavor: 'gp.mid' },
    change: ({ flavors }) => set(flavors, named('gp.mid'), { disk: 0 }),
  },
  {
    stage: 'plan',
    claim: 'exactly one external network gives egress',
    says: 'preflight/external-network',
    change: ({ networks }) => networks.deleteWhere(named('provider-ext')),
  },
  damaged('provider-ext has an address for each router and cluster', 'preflight/addresses-exhausted', 'no-addresses'),
  {
    stage: 'plan',
    claim: '10.20.24.0/24 overlaps no subnet of the cloud',
    says: 'preflight/cidr-in-use',
    change: ({ subnets, networks }) => {
      const { id } = need(networks.find(() => true))
      twin(subnets, () => true, { id: 'twin', network_id: id, cidr: '10.20.24.0/25' })
    },
  },
  {
    stage: 'preflight',
    claim: 'it is known how the creator of a cluster must sign in',
    seed: { faults: [{ kind: 'answer', service: 'identity', method: 'POST', path: '/OS-TRUST/trusts$', status: 500 }] },
  },
  ...(
    [
      ['create_project', 'a domain manager can create a project in its domain'],
      ['create_user', 'a domain manager can create a user in its domain'],
      ['create_grant', 'a domain manager can grant `member` in its domain'],
      ['create_grant', 'a domain manager can grant `load-balancer_member` in its domain'],
      ['list_users', 'a domain manager can list users in its domain'],
      ['list_projects', 'a domain manager can list projects in its domain'],
      ['create_user', 'an admin of one domain can make a user in that domain, as Magnum does for every cluster'],
    ] as const
  ).map(([action, claim]): FirstTurn => ({
    stage: 'preflight',
    claim,
    seed: {
      overrides: [
        `"identity:${action}": "role:admin and project_id:%(target.nothing)s or role:Admin and is_admin_project:True"\n`,
      ],
    },
  })),
  ...[
    'a domain manager cannot grant admin',
    'a domain manager cannot grant manager',
    'a domain manager cannot grant admin by a `target` in the body',
  ].map((claim): FirstTurn => ({ stage: 'preflight', claim, seed: open('create_grant') })),
  {
    stage: 'preflight',
    claim: 'an account can make a trust for itself, as Magnum does for every cluster',
    seed: { faults: ['dead-trust-rule'] },
  },
  { stage: 'preflight', claim: 'an application credential cannot manage trusts', seed: { release: '2024.1+base' } },
  {
    stage: 'preflight',
    claim: 'the certificate store keeps a secret and gives it back',
    seed: { faults: ['certificate-store'] },
  },
  {
    stage: 'preflight',
    claim: 'the certificate store deletes a secret on request',
    seed: { faults: [{ kind: 'answer', service: 'key-manager', method: 'DELETE', status: 403 }] },
  },
  {
    stage: 'plan',
    claim: 'Magnum has a driver for the image fedora-coreos-k8s',
    change: (_, { cloud }) => cloud.damage('image-of-another-driver'),
  },
  {
    stage: 'plan',
    claim: "an enabled account holds admin on Magnum's domain magnum",
    change: (_, { cloud }) => cloud.damage('magnum-domain-admin-disabled'),
  },
]

let claims: readonly string[]
let applied: SimulatedTestBed

beforeAll(async () => {
  applied = await openBed()
  expect(await wanting(applied)).toEqual([])
  const records = await readEvidence(join(applied.folder, 'tenant-onboard', 'lab', 'acme', 'evidence.jsonl'))
  const checks = records.flatMap((record) => (record.kind === 'gate' ? record.checks : []))
  claims = [...new Set(checks.filter((check) => !isReport(check)).map(({ claim }) => claim))]
})

/** A probe that reports what it saw says neither yes nor no. */
function isReport({ value }: Check): boolean {
  return typeof value === 'object' && value !== null && 'expected' in value && value.expected === 'reported'
}

test('each claim of a gate has a change that turns it', () => {
  const turned = new Set([...turns, ...firstTurns, ...preflightTurns].map(({ claim }) => claim))
  expect(claims.filter((claim) => !turned.has(claim))).toEqual([])
  expect([...turned].filter((claim) => !claims.includes(claim))).toEqual([])
})

describe('of an applied tenant', () => {
  test.each(turns)('$stage: $claim', async (turn) => {
    const undo = rememberState(applied.cloud.state)
    const secrets = join(applied.folder, 'tenant-onboard', 'lab', 'acme', 'secrets')
    await cp(secrets, `${secrets}-before`, { recursive: true })
    const said = await wanting(applied, turn)
    undo()
    await rm(secrets, { recursive: true })
    await rename(`${secrets}-before`, secrets)
    expect(said.join('\n')).toContain(turn.says ?? turn.claim)
    expect(await wanting(applied)).toEqual([])
  })
})

test.each([...preflightTurns, ...firstTurns])('at the first run: $claim', async (turn) => {
  const { says, claim, seed } = turn
  const said = await wanting(await openBed(seed), turn)
  expect(said.join('\n')).toContain(says ?? claim)
})

/** Rows are replaced and never changed in place, so the tables are enough. */
function rememberState(state: State): () => void {
  const undo = Object.values(state).map((table) => rememberTable<unknown>(table as Table<unknown>))
  return () => {
    for (const one of undo) one()
  }
}

function rememberTable<Row>(table: Table<Row>): () => void {
  const rows = [...table.entries()]
  return () => {
    for (const key of [...table.keys()]) table.delete(key)
    for (const [key, row] of rows) table.set(key, row)
  }
}
