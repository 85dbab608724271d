/** A simulated cloud with one tenant on it, and everything that the probes are called with. */
import { createHash } from 'node:crypto'
import type { Auth } from '../../src/openstack/auth.ts'
import type { Exchange } from '../../src/openstack/exchange.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { findEndpoint } from '../../src/openstack/catalog.ts'
import type { ServiceType } from '../../src/openstack/services.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import type { Override } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { Secret } from '../../src/secret.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { attack } from '../../src/isolation/attack.ts'
import type { Verification } from '../../src/isolation/attack.ts'

export const acme = {
  name: 'acme',
  projects: ['acme-prod'],
  users: [
    { name: 'acme-domain-admin', password: 'acme-manager', grants: [{ role: 'manager', domain: true }] },
    {
      name: 'acme-cluster',
      password: 'acme-creator',
      grants: [
        { role: 'member', project: 'acme-prod' },
        { role: 'load-balancer_member', project: 'acme-prod' },
      ],
    },
  ],
} as const satisfies NonNullable<Seed['domains']>[number]

export type TenantCloud = {
  readonly cloud: Cloud
  readonly operator: Session<'operator'>
  readonly manager: Session<'manager'>
  readonly creator: Session<'creator'>
  readonly domainId: string
  readonly projectId: string
  readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
  readonly sent: readonly Exchange[]
  readonly random: (count: number) => Uint8Array
}

export async function tenantCloud(
  seed: Seed,
  wire: (cloud: Cloud) => Fetch = (cloud) => cloud.fetch,
): Promise<TenantCloud> {
  const cloud = createCloud({ ...seed, domains: [...(seed.domains ?? []), acme] })
  const fetch = wire(cloud)
  const sent: Exchange[] = []
  const open = <Who extends string>(actor: Who, auth: Auth): Session<Who> =>
    openSession({
      actor,
      endpoint: { authUrl: cloud.url, region: cloud.region },
      auth,
      fetch,
      onExchange: (exchange) => sent.push(exchange),
      retry: { attempts: 1 },
    })
  const { admin } = cloud
  const password = (
    user: string,
    domain: string,
    secret: string,
    scope: Extract<Auth, { kind: 'password' }>['scope'],
  ) =>
    ({ kind: 'password', user: { name: user, domain: { name: domain } }, password: new Secret(secret), scope }) as const
  const operator = open(
    'operator',
    password(admin.name, admin.userDomain, admin.password, {
      kind: 'project',
      project: { name: admin.project, domain: { name: admin.projectDomain } },
    }),
  )
  const domain = { name: 'acme' }
  const manager = open('manager', password('acme-domain-admin', 'acme', 'acme-manager', { kind: 'domain', domain }))
  const creator = open(
    'creator',
    password('acme-cluster', 'acme', 'acme-creator', { kind: 'project', project: { name: 'acme-prod', domain } }),
  )
  const found = await findDomain(operator, 'acme')
  if (found === undefined) throw new Error('the seed has acme')
  const project = await findProject(operator, 'acme-prod', found.id)
  if (project === undefined) throw new Error('the seed has acme-prod')
  return {
    cloud,
    operator,
    manager,
    creator,
    domainId: found.id,
    projectId: project.id,
    open,
    sent,
    random: counting(),
  }
}

export function verifyAcme(on: TenantCloud & { readonly now?: () => Date }): Promise<Verification> {
  return attack({
    operator: on.operator,
    manager: on.manager,
    workers: [on.creator],
    tenant: { name: 'acme', domainId: on.domainId },
    open: on.open,
    managedRoles: ['member', 'load-balancer_member'],
    random: on.random,
    now: on.now ?? (() => new Date()),
  })
}

/** Bytes that differ from call to call and not from run to run. */
function counting(): (count: number) => Uint8Array {
  let calls = 0
  return (count) =>
    createHash('sha512')
      .update(String((calls += 1)))
      .digest()
      .subarray(0, count)
}

/** What `policy build` makes for this Keystone. */
export async function goodOverride(release: string, base: 'default' | 'charm'): Promise<Override> {
  return buildOverride(await loadKeystone(parseRelease(release)), { base: { kind: base } })
}

/** One of its rules, or of the base, with a hole in it. */
export function widened(override: Override, rule: string, clause: string): string {
  const known = override.rules[rule] ?? 'rule:admin_required'
  return `${JSON.stringify(rule)}: ${JSON.stringify(`(${known}) or ${clause}`)}\n`
}

/** The cloud with one service that takes the tenant's throwaway account for the operator. */
export function confused(cloud: Cloud, service: ServiceType): Fetch {
  const { admin } = cloud
  const domain = { name: admin.userDomain }
  const operator = openSession({
    actor: 'operator',
    endpoint: { authUrl: cloud.url, region: cloud.region },
    auth: {
      kind: 'password',
      user: { name: admin.name, domain },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    },
    fetch: cloud.fetch,
  })
  const mistaken = new Set<string>()
  return async (url, init) => {
    if (url.endsWith('/auth/tokens') && init.method === 'POST') {
      const answer = await cloud.fetch(url, init)
      const account = cloud.state.users.find(({ name }) => /^tenant-onboard-probe-.*-account$/.test(name))
      const body = typeof init.body === 'string' ? init.body : ''
      if (account !== undefined && body.includes(account.id)) mistaken.add(answer.headers.get('x-subject-token') ?? '')
      return answer
    }
    const { catalog, projectId = '' } = await operator.token()
    const found = findEndpoint(catalog, { service, region: cloud.region, interface: 'public', projectId })
    const root = 'url' in found ? new URL(found.url).pathname.split('/').slice(0, 2).join('/') : ''
    const isAsked = new URL(url).pathname.startsWith(`${root}/`) && mistaken.has(init.headers['X-Auth-Token'] ?? '')
    if (!isAsked) return cloud.fetch(url, init)
    const headers = { ...init.headers, 'X-Auth-Token': (await operator.bearer()).reveal() }
    // cinder wants the project of the token in the path
    return cloud.fetch(url.replace(/\/volume\/v3\/[0-9a-f]{32}\//, `/volume/v3/${projectId}/`), { ...init, headers })
  }
}

/** Names of everything in the cloud that a probe made. */
export function probeTraces(cloud: Cloud): readonly string[] {
  const text = JSON.stringify(cloud.state, (_, value: unknown) => (value instanceof Map ? [...value.values()] : value))
  return [...new Set(text.match(/tenant-onboard-probe-[0-9a-z-]+/g) ?? [])]
}
