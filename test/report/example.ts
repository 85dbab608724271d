import { accessOf } from '../../src/report/access.ts'
import type { Catalogue } from '../../src/report/catalogue.ts'
import { claimsOf } from '../../src/report/claims.ts'
import type { PolicyOnPaper } from '../../src/report/paper.ts'
import type { ProbeRecord } from '../../src/report/probe-record.ts'
import { reportOf } from '../../src/report/report.ts'
import type { Report } from '../../src/report/report.ts'
import type { Entry, EvidenceRecord, RequestRecord } from '../../src/tenant/evidence.ts'
import type { Check } from '../../src/tenant/stage.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'

/* A report with something of everything that one can say: the same in every run, so that what formats make of it can be read. */

const spec = parseSpec(
  'tenant.yaml',
  `version: 1
tenant: acme
cloud: lab
description: Acme & Sons
projects:
  - name: prod
    description: for customers
    quotas:
      compute: { instances: 10, ram: 50 GiB }
      block_storage: { volumes: unlimited, gigabytes: 1000 GiB }
    network: { cidr: 10.20.24.0/24, dns: [9.9.9.9, 1.1.1.1] }
    template: { pin: required }
    cluster: { master_count: 1, node_count: 2 }
  - name: test
    network: { pool: 10.64.0.0/16 }
`,
)
const tenant = tenantOf(spec, { accepted_findings: ['preflight/probe-left'] })
const today = { spec: 'sha256:5bec', cloud: 'sha256:c10d' }

let clock = Date.parse('2026-05-04T10:00:00.000Z')
let requestCount = 0

function request(service: string, method: string, path: string, status: number): RequestRecord {
  requestCount++
  const id = `req-${String(requestCount).padStart(8, '0')}`
  const at = new Date(clock + requestCount * 1000).toISOString()
  return { id, actor: 'manager', service, method, path, status, at, ms: 120.4 * requestCount }
}

function check(claim: string, of: Partial<Check> = {}): Check {
  return { claim, ok: true, value: null, actor: 'operator', reach: 'tenant could', requestIds: [], ...of }
}

function gate(entry: Partial<Entry & { kind: 'gate' }> & Pick<Entry & { kind: 'gate' }, 'stage' | 'checks'>): Entry {
  const fixed = { kind: 'gate', gate: 'complete', ok: true, digests: today, findings: [], milliseconds: 900 } as const
  return { ...fixed, ...entry }
}

const shown = request('identity', 'GET', '/v3/domains/0123456789abcdef0123456789abcdef', 200)
const refused = request('identity', 'POST', '/v3/users', 403)
const listed = request('network', 'GET', '/v2.0/routers?name=acme-router', 200)

const entries: readonly Entry[] = [
  gate({
    stage: 'preflight',
    checks: [
      check('one external network gives egress', { value: 'provider-ext', requestIds: [listed.id ?? ''] }),
      check('an image is public', { value: ['fcos', 'ubuntu | <b>'], reach: 'perimeter' }),
    ],
    findings: [
      {
        code: 'preflight/probe-left',
        severity: 'info',
        where: 'domain x',
        message: 'it was left by a probe',
        owner: 'tenant',
      },
      {
        code: 'preflight/tls-expires',
        severity: 'warning',
        where: 'identity',
        message: 'the certificate ends in 9 days',
        remedy: 'renew `it`',
        owner: 'operator',
      },
    ],
    serverTime: '2026-05-04T10:00:01.000Z',
    requests: [listed],
  }),
  {
    kind: 'made',
    step: 'domain/domain',
    actor: 'operator',
    action: 'create',
    object: { kind: 'domain', name: 'acme', id: 'd0d0' },
    requestIds: [shown.id ?? '', refused.id ?? ''],
  },
  gate({
    stage: 'domain',
    checks: [
      check('domain acme is enabled', { about: 'domain/domain', value: { id: 'd0d0', enabled: true } }),
      check('acme-domain-admin holds manager and nothing else', {
        about: 'domain/manager-role',
        ok: false,
        value: ['manager on domain acme', 'admin on project x'],
        requestIds: [shown.id ?? ''],
      }),
      check('it holds no more in effect', { about: 'domain/manager', value: ['manager on domain acme'] }),
    ],
    ok: false,
    findings: [
      {
        code: 'domain/surplus-role',
        severity: 'error',
        where: 'user acme-domain-admin',
        message: 'it holds admin',
        remedy: 'take it away',
        owner: 'operator',
      },
    ],
    requests: [shown, refused],
  }),
  gate({
    stage: 'isolation',
    checks: Array.from({ length: 52 }, (_, index) =>
      check(`way out ${index + 1}`, {
        value: { who: 'the domain manager', whom: 'another domain', expected: 'refused', observed: 'refused' },
      }),
    ),
    withoutOperator: [{ what: 'the effect of each probe', reach: 'perimeter', instead: 'its answer was believed' }],
  }),
  {
    kind: 'made',
    step: 'network/router',
    actor: 'automation',
    action: 'adopt',
    object: { kind: 'router', name: 'acme-router', id: 'a0a0' },
    requestIds: [listed.id ?? ''],
  },
  gate({
    stage: 'network',
    checks: [
      check('router acme-router is ACTIVE', {
        about: 'network/router',
        value: {
          id: 'a0a0',
          status: 'ACTIVE',
          enable_snat: true,
          addresses: ['203.0.113.10'],
          network: { name: 'provider-ext' },
        },
        actor: 'automation',
      }),
    ],
    began: '2026-05-04T10:04:00.000Z',
    requests: [listed],
  }),
  gate({ stage: 'template', checks: [check('the template is as asked')], digests: { ...today, spec: 'sha256:old' } }),
  gate({
    stage: 'cluster',
    gate: 'accepted',
    checks: [check('the trust carries the roles', { value: { roles: ['member'] } })],
  }),
  { kind: 'handover', sha256: 'sha256:ffff', files: ['clouds.yaml'] },
  { kind: 'note', text: 'by hand: nothing_was *changed*' },
]

const records: readonly EvidenceRecord[] = entries.map((entry, index) => {
  clock += 100_000
  const hash = (of: number): string => `sha256:${String(of).repeat(8)}`
  return { ...entry, seq: index + 1, at: new Date(clock).toISOString(), prev: hash(index), hash: hash(index + 1) }
})

const manager = 'the domain manager'
const foreign = 'a user of a throwaway foreign domain'

function probe(id: string, rule: string, of: Partial<ProbeRecord>): ProbeRecord {
  const aim = { who: manager, whom: foreign, expected: 'refused', observed: 'refused', detail: '403 Forbidden' }
  const by = { actor: 'manager', reach: 'tenant could', requestIds: [refused.id ?? ''] } as const
  return { id, rule, claim: `${id.replace('/', ' ')} is as it should be`, ok: true, ...aim, ...by, ...of }
}

const probes: readonly ProbeRecord[] = [
  probe('users/create-own', 'identity:create_user', {
    whom: 'its own domain',
    expected: 'allowed',
    observed: 'allowed',
    detail: '201',
  }),
  probe('users/create-foreign', 'identity:create_user', { ok: false, observed: 'allowed', detail: '201 | <made>' }),
  probe('users/list-foreign', 'identity:list_users', { observed: 'empty', detail: 'an empty list' }),
  probe('roles/list', 'identity:list_roles', {
    whom: 'the roles of the cloud',
    expected: 'reported',
    observed: 'allowed',
  }),
  probe('network/share', 'network:create_rbac_policy', {
    who: 'an account of the tenant',
    ok: false,
    observed: 'unknown',
    detail: 'no answer',
  }),
]

const paper: PolicyOnPaper = {
  release: '2024.1+ossa-2026-015',
  base: 'charm',
  overrides: [{ file: 'domain-manager.yaml', digest: 'sha256:0f0f' }],
  claims: [
    { claim: 'manager-stays-home', title: 'the manager stays at home', verdict: 'proved', counterexamples: [] },
    {
      claim: 'no-escalation',
      title: 'nobody gains admin',
      verdict: 'refuted',
      counterexamples: ['PUT /v3/domains/x\n  as: acme'],
    },
    { claim: 'trusts', title: 'trusts are kept', verdict: 'not shown', counterexamples: [] },
  ],
  assumptions: ['nobody holds <admin>'],
  answers: [
    { operation: 'create_user', action: 'identity:create_user', place: 'own', answer: 'allow' },
    { operation: 'create_user', action: 'identity:create_user', place: 'other', answer: 'deny' },
    { operation: 'list_users', action: 'identity:list_users', place: 'other', answer: 'unknown' },
  ],
}

const catalogue: Catalogue = {
  at: '2026-05-04T11:30:00.000Z',
  serverTime: '2026-05-04T11:30:01.000Z',
  seq: 11,
  hash: 'sha256:cccc',
  ok: false,
  milliseconds: 200_400,
  probes,
  findings: [],
  scs: { held: 59, of: 60, failing: ['users: create'] },
  changedSince: [],
}

const made = { tenant, authUrl: 'https://keystone.example/v3', today, file: 'tenant.yaml', version: '0.1.0' }

export const exampleReport: Report = {
  ...reportOf({ ...made, records, madeAt: '2026-05-04T12:00:00.000Z', paper }),
  catalogue,
  access: accessOf(probes, paper),
  claims: claimsOf(catalogue, paper).slice(0, 6),
}

/** Of a tenant that nobody has begun. */
export const emptyReport: Report = reportOf({
  ...made,
  authUrl: undefined,
  records: [],
  madeAt: '2026-05-04T12:00:00.000Z',
})
