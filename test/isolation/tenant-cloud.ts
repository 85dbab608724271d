/** A simulated cloud with one tenant on it, and everything that the probes are called with. */
import { createHash } from 'node:crypto'
import type { Auth } from '../../src/openstack/auth.ts'
import type { Exchange } from '../../src/openstack/exchange.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { verify } from '../../src/isolation/verify.ts'
import type { Verification } from '../../src/isolation/verify.ts'

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

export async function tenantCloud(seed: Seed): Promise<TenantCloud> {
  const cloud = createCloud({ ...seed, domains: [...(seed.domains ?? []), acme] })
  const sent: Exchange[] = []
  const open = <Who extends string>(actor: Who, auth: Auth): Session<Who> =>
    openSession({
      actor,
      endpoint: { authUrl: cloud.url, region: cloud.region },
      auth,
      fetch: cloud.fetch,
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

export function verifyAcme(on: TenantCloud): Promise<Verification> {
  return verify({
    operator: on.operator,
    manager: on.manager,
    workers: [on.creator],
    tenant: { name: 'acme', domainId: on.domainId },
    open: on.open,
    managedRoles: ['member', 'load-balancer_member'],
    random: on.random,
    now: () => new Date(),
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
