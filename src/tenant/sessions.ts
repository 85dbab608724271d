import { CloudError } from '../errors.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import type { Actor, TenantActor } from './actors.ts'
import { nextOf } from './secret-store.ts'
import type { SecretStore } from './secret-store.ts'
import type { Tenant, TenantProject } from './tenant.ts'

/** Where an actor signs in: the tenant side by project, and automation by one of its two credentials. */
export type Identity<A extends Actor = Actor> = {
  readonly actor: A
  readonly project?: TenantProject
  /** Only automation, and only to mint or look after its application credential. */
  readonly by?: 'password'
}

/** The sessions of one command. Each identity is opened once; no session is reachable from another. */
export type Sessions = {
  /** `undefined` when its secret is not in the home: it cannot sign in here. */
  at<A extends Actor>(identity: Identity<A>): Promise<Session<A> | undefined>
  /** The next `at` signs that actor in anew: its roles or its password have changed. */
  renew(actor: Actor): void
}

export type OpenSession = <A extends Actor>(actor: A, auth: Auth) => Session<A>
/** Opens no operator's: on the tenant's own machine there is nothing else. */
export type OpenTenantSession = <A extends TenantActor>(actor: A, auth: Auth) => Session<A>

/** File names of the secrets in the home. */
export const secretNames = {
  manager: 'domain-admin.password',
  creator: 'cluster.password',
  automation: 'svc.password',
  applicationCredential: (project: TenantProject): string => `${project.names.applicationCredential}.secret`,
  privateKey: (project: TenantProject): string => `${project.names.keypair}.pem`,
  /** Of whoever uses the cluster; the kubeconfig holds it too. */
  clusterKey: (project: TenantProject): string => `${project.names.cluster}.key`,
  kubeconfig: (project: TenantProject): string => `${project.names.cluster}.kubeconfig`,
} as const

/**
 * `operator` is absent on the tenant's own machine. The type of what `at` returns carries the actor, so a step that
 * declares its actor can be handed no other.
 */
export function sessionsOf(
  { tenant, secrets }: { readonly tenant: Tenant; readonly secrets: SecretStore },
  open: OpenTenantSession,
  operator: Session<'operator'> | undefined,
): Sessions {
  const opened = new Map<string, Promise<Session<Actor> | undefined>>()
  const openIdentity = async (identity: Identity): Promise<Session<Actor> | undefined> => {
    if (identity.actor === 'operator') return operator
    const { actor } = identity
    const name = secretOf(identity)
    const [secret, next] = await Promise.all([secrets.read(name), secrets.read(nextOf(name))])
    if (next !== undefined) {
      // a rotation was cut: which of the two was set, only Keystone knows
      const session = open(actor, authOf(tenant, identity, next))
      if (await signsIn(session)) return session
    }
    return secret === undefined ? undefined : open(actor, authOf(tenant, identity, secret))
  }
  return {
    async at<A extends Actor>(identity: Identity<A>): Promise<Session<A> | undefined> {
      const key = [identity.actor, identity.project?.names.project, identity.by].join(' ')
      const session = await (opened.get(key) ?? remember(key, openIdentity(identity)))
      return isOf(session, identity.actor) ? session : undefined
    },
    renew(actor) {
      for (const key of opened.keys()) if (key.startsWith(`${actor} `)) opened.delete(key)
    },
  }

  function remember(key: string, session: Promise<Session<Actor> | undefined>): Promise<Session<Actor> | undefined> {
    opened.set(key, session)
    // a missing secret may be made by a later step of the same command
    void session.then(
      (found) => found ?? opened.delete(key),
      () => opened.delete(key),
    )
    return session
  }
}

/** Whether Keystone takes the credential. Throws when it could not be asked. */
export async function signsIn(session: Session): Promise<boolean> {
  try {
    await session.token()
    return true
  } catch (error) {
    // an application credential of a project that is gone, or that is not there yet, is answered with 404
    if (error instanceof CloudError && (error.kind === 'sign-in' || error.status === 404)) return false
    throw error
  }
}

function isOf<A extends Actor>(session: Session<Actor> | undefined, actor: A): session is Session<A> {
  return session?.actor === actor
}

export function secretOf(identity: Identity): string {
  if (identity.actor === 'manager') return secretNames.manager
  if (identity.actor === 'creator') return secretNames.creator
  if (identity.by === 'password' || identity.project === undefined) return secretNames.automation
  return secretNames.applicationCredential(identity.project)
}

export function authOf(tenant: Tenant, identity: Identity, secret: Secret): Auth {
  const domain = { name: tenant.names.domain }
  if (identity.actor === 'manager') {
    const user = { name: tenant.names.manager, domain }
    return { kind: 'password', user, password: secret, scope: { kind: 'domain', domain } }
  }
  const user = { name: identity.actor === 'creator' ? tenant.names.creator : tenant.names.automation, domain }
  const project = identity.project ?? tenant.projects[0]
  if (identity.actor === 'automation' && identity.by === undefined)
    return { kind: 'application-credential', credential: { name: project.names.applicationCredential, user }, secret }
  return {
    kind: 'password',
    user,
    password: secret,
    scope: { kind: 'project', project: { name: project.names.project, domain } },
  }
}
