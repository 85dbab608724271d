/**
 * Causes provoked on real services, and what a diagnosis makes of each: the cause and no other, within ten seconds, and nothing left behind.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/diagnosis/diagnose.ts'
import { listStoredSecrets } from '../../src/openstack/barbican.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { createGrant, deleteGrant } from '../../src/openstack/keystone/grants.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { findUser, updateUser } from '../../src/openstack/keystone/users.ts'
import { findClusterTemplate } from '../../src/openstack/magnum/cluster-templates.ts'
import { createKeypair, deleteKeypair, findKeypair } from '../../src/openstack/nova.ts'
import { findRouter, updateRouter } from '../../src/openstack/neutron/routers.ts'
import { updateLoadBalancerQuota } from '../../src/openstack/octavia.ts'
import { startTimer } from '../../src/openstack/timer.ts'
import { Secret } from '../../src/secret.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { at, signIn, signInWith, text } from './ask.ts'
import { findLab, layOverride, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { builtOverride, openProbing, probeDomains } from './probing.ts'
import type { Probing } from './probing.ts'

const transport = createTransport()
const took: number[] = []
let lab: Lab
let probing: Probing
let bed: TestBed
let file: string
let healthy: { readonly default: string; readonly charm: string }

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  const { main } = lab.keystones
  probing = openProbing(main)
  const [plain, charm] = await Promise.all([builtOverride('debian-22', 'default'), builtOverride('debian-22', 'charm')])
  healthy = { default: plain.text, charm: charm.text }
  await layOverride(main, healthy.default)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch, { startTimer: patientTimer })
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes', '--until', 'template')
  expect(code, `${out}${err}`).toBe(0)
})

afterEach(async () => {
  expect(await probeDomains(probing.operator)).toEqual([])
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  const sorted = took.toSorted((a, b) => a - b)
  process.stdout.write(
    `${sorted.length} diagnoses: ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[sorted.length >> 1]} ms\n`,
  )
  await probing.close()
  await bed.remove()
  await transport.close()
})

/** Deadlines ten times as long: a busy machine must not leave a cause undecided. */
function patientTimer(milliseconds: number, then: () => void): () => void {
  return startTimer(10 * milliseconds, then)
}

/** With every cause decided: what could not be seen would pass for what is not there. */
async function diagnose(...options: readonly string[]): Promise<Diagnosis> {
  const told = await diagnoseOnce(...options)
  expect(told.hypotheses.filter(({ verdict }) => verdict === 'open')).toEqual([])
  return told
}

async function diagnoseOnce(...options: readonly string[]): Promise<Diagnosis> {
  const { out, err } = await bed.run('diagnose', file, '-o', 'json', ...options)
  expect(out, err).not.toBe('')
  const told = JSON.parse(out) as Diagnosis
  took.push(told.milliseconds)
  return told
}

function codes({ findings }: Diagnosis): readonly string[] {
  return [...new Set(findings.map(({ code }) => code))].sort()
}

async function secretOf(name: string): Promise<string> {
  return (await readFile(join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'secrets', name), 'utf8')).trim()
}

async function ids() {
  const { operator } = probing
  const domainId = (await findDomain(operator, 'acme'))?.id ?? ''
  const [project, creator, automation] = await Promise.all([
    findProject(operator, 'acme-prod', domainId),
    findUser(operator, 'acme-cluster', domainId),
    findUser(operator, 'acme-svc', domainId),
  ])
  return { project: project?.id ?? '', creator: creator?.id ?? '', automation: automation?.id ?? '' }
}

/** Asks for a cluster with plain requests, and waits for what becomes of it; then it is removed again. */
async function withFailedCluster<T>(who: 'creator' | 'automation', then: (reason: string) => Promise<T>): Promise<T> {
  const { url } = lab.keystones.main
  const magnum = lab.services['magnum']?.url ?? ''
  const user = { name: 'acme-svc', domain: { name: 'acme' } }
  const send =
    who === 'creator'
      ? await signIn(
          url,
          { name: 'acme-cluster', domain: 'acme', password: await secretOf('cluster.password') },
          { project: 'acme-prod', domain: 'acme' },
        )
      : await signInWith(url, {
          methods: ['application_credential'],
          application_credential: { name: 'acme-svc', user, secret: await secretOf('acme-svc.secret') },
        })
  const template = await findClusterTemplate(probing.operator, 'acme-k8s', { projectId: (await ids()).project })
  const asked = await send('POST', `${magnum}/clusters`, {
    name: 'acme-cluster',
    cluster_template_id: template?.uuid,
    keypair: 'acme-key',
    node_count: 1,
    master_count: 1,
  })
  expect(asked.status, JSON.stringify(asked.body)).toBe(202)
  const uuid = text(asked.body, 'uuid')
  const found = async () => (await send('GET', `${magnum}/clusters/${uuid}`)).body
  await expect.poll(async () => at(await found(), 'status'), { timeout: 60_000 }).toBe('CREATE_FAILED')
  const result = await then(String(at(await found(), 'status_reason')))
  await send('DELETE', `${magnum}/clusters/${uuid}`)
  await expect.poll(async () => (await send('GET', `${magnum}/clusters/${uuid}`)).status, { timeout: 60_000 }).toBe(404)
  return result
}

test('a tenant with nothing wrong gives no finding, and the certificate store is as before', async () => {
  const before = await listStoredSecrets(probing.operator)
  const told = await diagnose()
  expect(told.findings).toEqual([])
  expect(told.hypotheses.filter(({ verdict }) => verdict !== 'excluded')).toEqual([])
  expect(await listStoredSecrets(probing.operator)).toEqual(before)
})

test('a CA that is not given is told from a cloud that is down', async () => {
  const clouds = await readFile(lab.cloudsYaml, 'utf8')
  const bare = await bed.write('clouds.yaml', clouds.replaceAll(/^ +cacert: .*\n/gm, ''))
  const told = async (config: string, cloud: string): Promise<Diagnosis> => {
    const other = await openTestBed({ OS_CLIENT_CONFIG_FILE: config }, transport.fetch)
    try {
      const named = await exampleTenant('acme', (text) => text.replace('cloud: lab', `cloud: ${cloud}`))
      const copy = await other.write('tenant.yaml', named)
      const { out } = await other.run('diagnose', copy, '-o', 'json')
      return JSON.parse(out) as Diagnosis
    } finally {
      await other.remove()
    }
  }
  expect(codes(await told(bare, 'lab-tls'))).toEqual(['diagnosis/untrusted-ca'])
  const nowhere = await bed.write('nowhere.yaml', clouds.replaceAll(lab.keystones.main.url, 'http://127.0.0.1:9/v3'))
  expect(codes(await told(nowhere, 'lab'))).toEqual(['diagnosis/unreachable'])
})

describe('of the tenant', () => {
  test('a keypair that belongs to another account', async () => {
    const { creator, automation } = await ids()
    const { operator } = probing
    const own = await findKeypair(operator, 'acme-key', { userId: creator })
    const public_key = own?.public_key ?? ''
    await deleteKeypair(operator, 'acme-key', { userId: creator })
    await createKeypair(operator, { name: 'acme-key', public_key, user_id: automation })
    try {
      expect(codes(await diagnose())).toEqual(['diagnosis/keypair-of-another-user'])
    } finally {
      await deleteKeypair(operator, 'acme-key', { userId: automation })
      await createKeypair(operator, { name: 'acme-key', public_key, user_id: creator })
    }
  })

  test('a role that is no longer held', async () => {
    const { creator, project } = await ids()
    const { operator } = probing
    const role = await findRole(operator, 'load-balancer_member')
    const grant = {
      roleId: role?.id ?? '',
      to: { kind: 'user', id: creator },
      on: { kind: 'project', id: project },
    } as const
    await deleteGrant(operator, grant)
    try {
      expect(codes(await diagnose())).toEqual(['diagnosis/roles-not-held'])
    } finally {
      await createGrant(operator, grant)
    }
  })

  test('a quota of load balancers that is met', async () => {
    const { project } = await ids()
    await updateLoadBalancerQuota(probing.operator, project, { load_balancer: 0 })
    try {
      const told = await diagnose()
      expect(codes(told)).toEqual(['diagnosis/quota-met'])
      expect(told.findings[0]?.message).toContain('0 of 0 load_balancer')
    } finally {
      await updateLoadBalancerQuota(probing.operator, project, { load_balancer: 10 })
    }
  })

  test('an external gateway that the policy of Neutron refuses', async () => {
    const { project } = await ids()
    const router = await findRouter(probing.operator, 'acme-router', { project_id: project })
    const network_id = router?.external_gateway_info?.network_id ?? ''
    await updateRouter(probing.operator, router?.id ?? '', { external_gateway_info: null })
    const policy = join(lab.services['neutron']?.policyDir ?? '', 'gateway.yaml')
    const rule = (verb: string): string => `"${verb}_router:external_gateway_info:network_id": "role:admin"\n`
    await writeFile(`${policy}.tmp`, `${rule('create')}${rule('update')}`)
    await rename(`${policy}.tmp`, policy)
    try {
      expect(codes(await diagnose())).toEqual(['diagnosis/external-gateway-refused'])
    } finally {
      await rm(policy)
      await updateRouter(probing.operator, router?.id ?? '', { external_gateway_info: { network_id } })
    }
  })

  test('D-066: an application credential is barred from the trust of its cluster', async () => {
    const { creator, automation } = await ids()
    const own = await findKeypair(probing.operator, 'acme-key', { userId: creator })
    await createKeypair(probing.operator, {
      name: 'acme-key',
      public_key: own?.public_key ?? '',
      user_id: automation,
    })
    try {
      await withFailedCluster('automation', async (reason) => {
        expect(reason).toMatch(/trustee or trust/)
        const told = await diagnose()
        expect(codes(told)).toEqual(['diagnosis/application-credential-trust'])
        expect(told.findings[0]?.owner).toBe('tenant')
      })
    } finally {
      await deleteKeypair(probing.operator, 'acme-key', { userId: automation })
    }
  })
})

describe("of Magnum's own account", () => {
  test('disabled, or with another password than Magnum has', async () => {
    const { operator } = probing
    const domain = await findDomain(operator, 'magnum')
    const admin = await findUser(operator, 'magnum_domain_admin', domain?.id ?? '')
    const id = admin?.id ?? ''
    try {
      await updateUser(operator, id, { enabled: false })
      // Magnum lists nothing then, so that what it would have told stays open
      expect(codes(await diagnoseOnce())).toEqual(['diagnosis/trustee-admin'])
      await updateUser(operator, id, { enabled: true, password: new Secret('another') })
      expect(codes(await diagnoseOnce())).toEqual(['diagnosis/trustee-admin-sign-in'])
    } finally {
      await updateUser(operator, id, { enabled: true, password: new Secret(lab.password) })
    }
    expect(codes(await diagnose())).toEqual([])
  })
})

describe('D-067, with the Vault plugin of Barbican before a stand-in for Vault', () => {
  afterAll(async () => {
    await runLab('vault', 'off')
  })

  test.each([
    ['works', []],
    ['stale-secret-id', ['diagnosis/vault-stale-secret-id']],
    ['wrong-plane', ['diagnosis/vault-wrong-plane']],
    ['token-bound', ['diagnosis/vault-token-bound']],
    ['sealed', ['diagnosis/vault-sealed']],
    ['down', ['diagnosis/vault-down']],
  ])('%s', async (mode, expected) => {
    await runLab('vault', mode)
    const tokenFile = await bed.write('vault.token', `${lab.vault.token}\n`)
    const log = lab.services['barbican']?.log ?? ''
    const vault = ['--vault', lab.vault.url, '--vault-token-file', tokenFile, '--barbican-log', log]
    const told = await diagnose(...vault)
    expect(codes(told)).toEqual(expected)
    for (const { remedy } of told.findings) expect(remedy).not.toMatch(/0\.0\.0\.0\/0/)
    expect(JSON.stringify(told)).not.toContain(lab.vault.token)
  })

  test('a cluster that failed for it, without a look at Vault', async () => {
    await runLab('vault', 'stale-secret-id')
    await withFailedCluster('creator', async (reason) => {
      expect(reason).toMatch(/certificates/)
      const told = await diagnose()
      expect(codes(told)).toEqual(['diagnosis/certificate-store'])
      expect(told.findings[0]?.remedy).toContain('--barbican-log')
    })
  })
})

describe('on the base policy of the charm', () => {
  beforeAll(async () => {
    await layOverride(lab.keystones.main, healthy.charm)
    await runLab('keystone', 'charm')
  })

  const deadCreate = ['user', 'project', 'group']
    .map((what) => `"identity:create_${what}": "rule:cloud_admin or domain_id:%(${what}.domain_id)s"\n`)
    .join('')
  const deadTrust = '"identity:create_trust": "user_id:%(trust.trustor_user_id)s"\n'

  test('our override in place: nothing is wrong', async () => {
    expect(codes(await diagnose())).toEqual([])
  })

  test('D-064: rules for what is new that read the body', async () => {
    // the last of two keys counts
    await layOverride(lab.keystones.main, `${healthy.charm}${deadCreate}`)
    expect(codes(await diagnose())).toEqual(['diagnosis/dead-create-rule'])
  })

  test('D-065: a rule for trusts that reads the body, by the hand of Magnum and by apply itself', async () => {
    await layOverride(lab.keystones.main, `${healthy.charm}${deadTrust}`)
    await withFailedCluster('creator', async (reason) => {
      expect(reason).toMatch(/trustee or trust/)
      expect(codes(await diagnose())).toEqual(['diagnosis/dead-trust-rule'])
    })
  })

  test('both at once, which one status_reason hides, are both found', async () => {
    await layOverride(lab.keystones.main, `${healthy.charm}${deadCreate}${deadTrust}`)
    expect(codes(await diagnose())).toEqual(['diagnosis/dead-create-rule', 'diagnosis/dead-trust-rule'])
  })

  test('without any override: the persona is not in force, and the rules of the charm are dead', async () => {
    await rm(join(lab.keystones.main.policyDir, 'override.yaml'))
    expect(codes(await diagnose())).toEqual([
      'diagnosis/dead-create-rule',
      'diagnosis/dead-trust-rule',
      'diagnosis/override-not-in-force',
    ])
  })
})
