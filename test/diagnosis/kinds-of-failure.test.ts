/** Every kind of failure of `apply`: either the failure names its cause, or the unknown says who answered and where to look. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Fetch, FetchResponse } from '../../src/openstack/http.ts'
import { stageNames } from '../../src/tenant/stage.ts'
import type { StageName } from '../../src/tenant/stage.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import { breakCloud, onboard } from './broken-cloud.ts'
import type { Onboarded } from './broken-cloud.ts'

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const
const id = 'req-11111111-2222-4333-8444-555555555555'

type Kind = {
  readonly name: string
  readonly stage: StageName
  readonly request: RegExp
  /** A status with the words of the service, or what becomes of the request. */
  readonly answer: readonly [status: number, body: unknown] | 'refused' | 'silence'
  /** The log that an unknown cause names; absent: the failure names its cause. */
  readonly log?: string
}

const forbidden = (rule: string): Kind['answer'] => [
  403,
  {
    error: {
      code: 403,
      title: 'Forbidden',
      message: `You are not authorized to perform the requested action: ${rule}.`,
    },
  },
]
const broken: Kind['answer'] = [
  500,
  { error: { code: 500, title: 'Internal Server Error', message: 'An unexpected error.' } },
]
const neutron = (status: number, message: string): Kind['answer'] => [
  status,
  { NeutronError: { type: 'Refused', message, detail: '' } },
]
const magnum = (status: number, detail: string): Kind['answer'] => [
  status,
  { errors: [{ status, code: '', title: 'Refused', detail, request_id: '', links: [] }] },
]

const kinds: readonly Kind[] = [
  {
    name: 'a rule of Keystone',
    stage: 'domain',
    request: /POST .*\/v3\/domains$/,
    answer: forbidden('identity:create_domain'),
  },
  { name: 'a fault of Keystone', stage: 'domain', request: /POST .*\/v3\/users$/, answer: broken, log: 'keystone' },
  {
    name: 'a rule for projects',
    stage: 'self-service',
    request: /POST .*\/v3\/projects$/,
    answer: forbidden('identity:create_project'),
  },
  {
    name: 'a quota below its use',
    stage: 'self-service',
    request: /PUT .*\/os-quota-sets\//,
    answer: [
      400,
      {
        badRequest: {
          code: 400,
          message: 'Quota limit 1 for instances must be greater than or equal to already used and reserved 3.',
        },
      },
    ],
  },
  {
    name: "Magnum's 500 to a quota",
    stage: 'self-service',
    request: /(POST|PATCH) .*\/container-infra\/v1\/quotas/,
    answer: magnum(500, 'You are not authorized to perform the requested action: identity:get_project.'),
    log: 'magnum-api',
  },
  {
    name: 'a rule for credentials',
    stage: 'credentials',
    request: /POST .*\/application_credentials$/,
    answer: forbidden('identity:create_application_credential'),
  },
  {
    name: 'a fault of Nova',
    stage: 'credentials',
    request: /POST .*\/os-keypairs$/,
    answer: [500, { computeFault: { code: 500, message: 'Unexpected API Error.' } }],
    log: 'nova-api',
  },
  {
    name: 'a quota of Neutron',
    stage: 'network',
    request: /POST .*\/v2.0\/networks$/,
    answer: neutron(409, "Quota exceeded for resources: ['network']."),
  },
  {
    name: 'a fault of Neutron',
    stage: 'network',
    request: /POST .*\/v2.0\/subnets$/,
    answer: neutron(500, 'Request Failed: internal server error while processing your request.'),
    log: 'neutron-server',
  },
  {
    name: 'a wrong request to Neutron',
    stage: 'network',
    request: /POST .*\/v2.0\/routers$/,
    answer: neutron(400, 'Invalid input for external_gateway_info.'),
  },
  { name: 'a Neutron that is not there', stage: 'network', request: /\/v2.0\//, answer: 'refused' },
  { name: 'a Neutron that is silent', stage: 'network', request: /\/v2.0\//, answer: 'silence', log: 'neutron-server' },
  {
    name: 'a template that Magnum refuses',
    stage: 'template',
    request: /POST .*\/clustertemplates$/,
    answer: magnum(400, 'Fixed network is not found.'),
  },
  {
    name: 'a fault of Magnum at a template',
    stage: 'template',
    request: /POST .*\/clustertemplates$/,
    answer: magnum(500, 'Internal error.'),
    log: 'magnum-api',
  },
  {
    name: 'a quota of Magnum',
    stage: 'cluster',
    request: /POST .*\/v1\/clusters$/,
    answer: magnum(403, 'Resource limit exceeded: You have reached the maximum clusters per project, 1.'),
  },
  {
    name: 'a fault of Magnum at a cluster',
    stage: 'cluster',
    request: /POST .*\/v1\/clusters$/,
    answer: magnum(500, 'Internal error.'),
    log: 'magnum-api',
  },
]

function intercept({ swap }: Onboarded, { request, answer }: Kind): void {
  const { fetch } = swap
  swap.fetch = (url, init) => {
    if (!request.test(`${init.method} ${new URL(url).pathname}`)) return fetch(url, init)
    if (answer === 'silence') return silence(init)
    if (answer === 'refused')
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
    const [status, body] = answer
    return Promise.resolve(Response.json(body, { status, headers: { 'x-openstack-request-id': id } }))
  }
}

function silence({ signal }: Parameters<Fetch>[1]): Promise<FetchResponse> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
}

describe('a failed step', () => {
  const before = new Map<StageName, Onboarded>()
  beforeAll(async () => {
    for (const stage of new Set(kinds.map((kind) => kind.stage))) {
      const last = stageNames[stageNames.indexOf(stage) - 1]
      if (last !== undefined) before.set(stage, await onboard(charmed, '--until', last))
    }
  })
  afterEach(() => {
    for (const on of before.values()) breakCloud(on, [])
  })

  test.each(kinds.map((kind) => [`${kind.stage}: ${kind.name}`, kind] as const))('%s', async (_, kind) => {
    const on = before.get(kind.stage)
    if (on === undefined) throw new Error(`nothing is before ${kind.stage}`)
    breakCloud(on, [])
    intercept(on, kind)
    const { code, out, err } = await on.bed.run('apply', on.file, '--yes', '--until', kind.stage)
    expect(code, err).toBeGreaterThan(2)
    expect(`${out}${err}`).not.toContain('delete what failed')
    expect(`${out}${err}`).not.toMatch(/\{"/)
    if (kind.log === undefined) {
      expect(out).not.toContain('diagnosis/unknown')
      return
    }
    expect(out).toContain('error diagnosis/unknown')
    expect(out).toContain(kind.log)
    expect(out).not.toContain('magnum-conductor')
    if (kind.answer !== 'silence') expect(out.slice(out.indexOf('diagnosis/unknown'))).toContain(`[${id}]`)
  })
})

describe('a gate that does not hold', () => {
  test('beside a finding of our own: no unknown cause', async () => {
    const bed = await openSimulated({ preset: 'zed-patched' })
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(code).toBe(3)
    expect(out).toContain('cloud/persona-missing')
    expect(out).not.toContain('diagnosis/unknown')
    // nor later, where only the evidence has the finding
    const { out: later } = await bed.run('diagnose', file)
    expect(later).not.toMatch(/\{"/)
    await bed.remove()
  })

  test('for a cluster that failed for no known cause: the words of Magnum, its request, and the log of its conductor', async () => {
    const on = await onboard(charmed, '--until', 'template')
    const cloud = breakCloud(on, [])
    const { fetch } = on.swap
    on.swap.fetch = async (url, init) => {
      for (const row of [...cloud.state.clusters.values()])
        cloud.state.clusters.set(row.uuid, { ...row, status: 'CREATE_FAILED', status_reason: 'the moon was full' })
      return fetch(url, init)
    }
    const { code, out } = await on.bed.run('apply', on.file, '--yes')
    expect(code).toBe(3)
    const unknown = out.slice(out.indexOf('error diagnosis/unknown'))
    expect(unknown).toContain('the moon was full')
    const [cluster] = cloud.state.clusters.values()
    expect(unknown).toContain(`look for ${cluster?.uuid ?? ''} in the log of magnum-conductor`)
    expect(unknown).toMatch(/the answers of container-infra \[req-[0-9a-f-]{36}/)
    expect(unknown).not.toContain('delete what failed')
  })
})
