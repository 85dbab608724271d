/** The runbook's own words, typed with the real openstackclient against the served simulator. No lab is asked. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { at, field, rows } from './side.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { domainManagerOverride, trustRuleOverride } from '../simulator/override.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'

type Said = { readonly code: number; readonly out: string; readonly err: string }
type Environment = Readonly<Record<string, string>>

const overrides = [domainManagerOverride, trustRuleOverride]
const cloud = createCloud(
  { preset: 'caracal-charmed', overrides },
  { pace: { clusterAccepted: 0, clusterCreated: 0, clusterDeleted: 0 } },
)
let served: Served
let home: string
let operator: Environment

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'runbook-'))
  served = await serve({ cloud, port: 0, hasTls: true })
  const caFile = join(home, 'ca.pem')
  await writeFile(caFile, served.ca ?? '')
  await writeFile(join(home, 'clouds.yaml'), renderClouds(cloud, { name: 'sim', caFile }))
  operator = { OS_CLIENT_CONFIG_FILE: join(home, 'clouds.yaml'), OS_CLOUD: 'sim' }
})

afterAll(async () => {
  await served.close()
  await rm(home, { recursive: true })
})

/** Debian's client and nothing of the caller's environment. */
function type(environment: Environment, ...message: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const env = { PATH: '/usr/bin:/bin', HOME: home, SHELL: '/bin/sh', LC_ALL: 'C.UTF-8', ...environment }
    execFile('/usr/bin/openstack', message, { env, cwd: home, maxBuffer: 2 ** 24 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })
}

/** One value of what was shown, as `-f value -c COLUMN` prints it. A refusal fails the test with the client's words. */
async function value(environment: Environment, column: string, ...message: readonly string[]): Promise<string> {
  const said = await type(environment, ...message, '-f', 'value', '-c', column)
  expect(said.err + said.out, message.join(' ')).not.toMatch(/HTTP [45]\d\d|Traceback/)
  expect(said.code, `${message.join(' ')}: ${said.err}`).toBe(0)
  return said.out.trim()
}

async function json(environment: Environment, ...message: readonly string[]): Promise<unknown> {
  const said = await type(environment, ...message, '-f', 'json')
  expect(said.code, `${message.join(' ')}: ${said.err}`).toBe(0)
  return JSON.parse(said.out)
}

async function done(environment: Environment, ...message: readonly string[]): Promise<void> {
  const said = await type(environment, ...message)
  expect(said.code, `${message.join(' ')}: ${said.err}`).toBe(0)
}

test('the runbook runs from preflight to a kubeconfig', { timeout: 1_800_000 }, async () => {
  const common = { OS_AUTH_URL: served.url, OS_IDENTITY_API_VERSION: '3', OS_CACERT: join(home, 'ca.pem') }

  // stage 0
  for (const role of ['manager', 'member', 'load-balancer_member', 'reader']) {
    expect(await value(operator, 'id', 'role', 'show', role)).toMatch(/^[0-9a-f]{32}$/)
  }
  const images = await json(operator, 'image', 'list', '--public')
  const image = field(Array.isArray(images) ? images[0] : undefined, 'ID')
  const properties = at(await json(operator, 'image', 'show', image), 'properties')
  expect(properties).toMatchObject({ kube_version: 'v1.28.8', os_distro: 'ubuntu' })
  expect((await type(operator, 'flavor', 'list', '--public')).out).toContain('capi.node')
  expect(await value(operator, 'id', 'network', 'show', 'provider-ext')).toMatch(/^[0-9a-f-]{36}$/)
  expect((await type(operator, 'domain', 'show', 'acme')).err).toContain(
    "No domain with a name or ID of 'acme' exists.",
  )

  // stage 1
  await done(operator, 'domain', 'create', '--description', 'Client: acme', 'acme')
  const domain = await value(operator, 'id', 'domain', 'show', 'acme')
  await done(operator, 'user', 'create', '--domain', domain, '--password', 'pw-1', 'acme-domain-admin')
  const boss = await value(operator, 'id', 'user', 'show', 'acme-domain-admin', '--domain', domain)
  await done(operator, 'role', 'add', '--domain', domain, '--user', boss, 'manager')
  const assigned = await type(operator, 'role', 'assignment', 'list', '--user', boss, '--names', '-f', 'value')
  expect(assigned.out.trim()).toMatch(/^manager acme-domain-admin@acme\s+acme\s+False$/)

  // stage 2
  const manager = {
    ...common,
    OS_USERNAME: 'acme-domain-admin',
    OS_USER_DOMAIN_ID: domain,
    OS_DOMAIN_ID: domain,
    OS_PASSWORD: 'pw-1',
  }
  expect(await value(manager, 'domain_id', 'token', 'issue')).toBe(domain)
  await done(manager, 'project', 'create', '--domain', domain, '--description', 'acme production', 'acme-prod')
  const project = await value(manager, 'id', 'project', 'show', 'acme-prod', '--domain', domain)
  await done(manager, 'user', 'create', '--domain', domain, '--password', 'pw-2', 'acme-svc')
  const user = await value(manager, 'id', 'user', 'show', 'acme-svc', '--domain', domain)
  for (const role of ['member', 'load-balancer_member']) {
    await done(manager, 'role', 'add', '--project', project, '--user', user, role)
    const held = await value(
      manager,
      'Role',
      'role',
      'assignment',
      'list',
      '--project',
      project,
      '--user',
      user,
      '--names',
    )
    expect(held.split('\n')).toContain(role)
  }
  const escalation = await type(manager, 'role', 'add', '--project', project, '--user', user, 'Admin')
  expect(escalation.err).toContain('identity:create_grant')
  const foreign = await value(operator, 'id', 'project', 'show', 'admin', '--domain', 'admin_domain')
  expect((await type(manager, 'project', 'show', foreign)).code).not.toBe(0)
  expect(await value(manager, 'Name', 'domain', 'list')).toBe('acme')
  await done(
    operator,
    'quota',
    'set',
    project,
    '--instances',
    '10',
    '--cores',
    '20',
    '--ram',
    '51200',
    '--networks',
    '5',
  )
  await done(operator, 'loadbalancer', 'quota', 'set', '--loadbalancer', '5', project)
  await done(operator, 'coe', 'quotas', 'create', '--project-id', project, '--resource', 'Cluster', '--hard-limit', '3')

  // stage 3
  await done(manager, 'user', 'set', '--password', 'pw-3', user)
  const service = {
    ...common,
    OS_USERNAME: 'acme-svc',
    OS_USER_DOMAIN_ID: domain,
    OS_PROJECT_ID: project,
    OS_PASSWORD: 'pw-3',
  }
  expect(await value(service, 'project_id', 'token', 'issue')).toBe(project)
  const minted = await json(service, 'application', 'credential', 'create', 'acme-svc-appcred', '--unrestricted')
  expect(field(minted, 'secret')).toHaveLength(86)
  expect((await type(service, 'keypair', 'create', 'acme-key')).out).toContain('PRIVATE KEY')

  // stage 4, by the application credential
  const automation = {
    ...common,
    OS_AUTH_TYPE: 'v3applicationcredential',
    OS_APPLICATION_CREDENTIAL_ID: field(minted, 'id'),
    OS_APPLICATION_CREDENTIAL_SECRET: field(minted, 'secret'),
  }
  await done(automation, 'network', 'create', 'acme-net')
  await done(
    automation,
    'subnet',
    'create',
    'acme-subnet',
    '--network',
    'acme-net',
    '--subnet-range',
    '10.20.24.0/24',
    '--dns-nameserver',
    '8.8.8.8',
  )
  await done(automation, 'router', 'create', 'acme-router')
  await done(automation, 'router', 'set', 'acme-router', '--external-gateway', 'provider-ext')
  await done(automation, 'router', 'add', 'subnet', 'acme-router', 'acme-subnet')
  const routers = await json(operator, 'router', 'list', '--project', project)
  const router = await json(operator, 'router', 'show', field(Array.isArray(routers) ? routers[0] : undefined, 'ID'))
  expect(router).toMatchObject({ status: 'ACTIVE', external_gateway_info: { enable_snat: true } })

  // stage 5
  expect((await type(automation, 'coe', 'cluster', 'template', 'show', 'acme-k8s')).err).toContain('HTTP 404')
  await done(
    automation,
    'coe',
    'cluster',
    'template',
    'create',
    'acme-k8s',
    '--image',
    image,
    '--external-network',
    'provider-ext',
    '--master-flavor',
    'gp.mid',
    '--flavor',
    'capi.node',
    '--coe',
    'kubernetes',
    '--network-driver',
    'calico',
    '--docker-storage-driver',
    'overlay2',
    '--master-lb-enabled',
    '--floating-ip-enabled',
    '--fixed-network',
    'acme-net',
    '--fixed-subnet',
    'acme-subnet',
    '--keypair',
    'acme-key',
  )

  // stage 6: by the credential it fails, by password it completes
  const create = ['--cluster-template', 'acme-k8s', '--keypair', 'acme-key', '--master-count', '1', '--node-count', '1']
  await done(automation, 'coe', 'cluster', 'create', 'acme-cluster', ...create)
  const failed = await json(automation, 'coe', 'cluster', 'show', 'acme-cluster')
  expect(failed).toMatchObject({ status: 'CREATE_FAILED' })
  expect(field(failed, 'status_reason')).toContain('Failed to create trustee or trust')
  await done(service, 'coe', 'cluster', 'delete', 'acme-cluster')
  await done(service, 'coe', 'cluster', 'create', 'acme-cluster', ...create)
  expect(await json(service, 'coe', 'cluster', 'show', 'acme-cluster')).toMatchObject({
    status: 'CREATE_COMPLETE',
    // Magnum looks at the health of a cluster once a minute
    health_status: null,
    coe_version: 'v1.28.8',
  })
  await done(service, 'coe', 'cluster', 'config', 'acme-cluster', '--dir', home)
  const config: unknown = parse(await readFile(join(home, 'config'), 'utf8'))
  const ca = certificateAt(rows(config, 'clusters')[0], 'cluster.certificate-authority-data')
  const mine = certificateAt(rows(config, 'users')[0], 'user.client-certificate-data')
  expect(mine.verify(ca.publicKey)).toBe(true)
  expect(mine.subject).toContain('O=system:masters')
})

function certificateAt(entry: unknown, path: string): X509Certificate {
  return new X509Certificate(Buffer.from(field(entry, path), 'base64'))
}
