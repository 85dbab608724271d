import { CloudError } from '../errors.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import type { Actor, TenantActor } from './actors.ts'
import { nextOf } from './secret-store.ts'
import type { SecretStore } from './secret-store.ts'
import type { Tenant, TenantProject } from './tenant.ts'

/** How an actor signs in: the tenant side by project, and automation with one of its two credentials. */
export type Identity<A extends Actor = Actor> = {
  readonly actor: A
  readonly project?: TenantProject
  /** Only automation, and only to make or manage its application credential. */
  readonly by?: 'password'
}

/** The sessions of one command. Each identity is opened once; no session can be reached from another. */
export type Sessions = {
  /** `undefined` if its secret is not in the data directory, so it cannot sign in here. */
  at<A extends Actor>(identity: Identity<A>): Promise<Session<A> | undefined>
  /** Makes the next `at` sign that actor in again: its roles or its password have changed. */
  renew(actor: Actor): void
  /** The same identity with the memory of this command: one look serves plan and verdict (docs/decisions/0204). */
  look<A extends Actor>(session: Session<A>): Session<A>
}

export type OpenSession = <A extends Actor>(actor: A, auth: Auth) => Session<A>
/** Without an operator's session: the tenant's own machine has none. */
export type OpenTenantSession = <A extends TenantActor>(actor: A, auth: Auth) => Session<A>

/** File names of the secrets in the data directory. */
export const secretNames = {
  manager: 'domain-admin.password',
  creator: 'cluster.password',
  automation: 'svc.password',
  applicationCredential: (project: TenantProject): string => `${project.names.applicationCredential}.secret`,
  privateKey: (project: TenantProject): string => `${project.names.keypair}.pem`,
  /** Of the user of the cluster; the kubeconfig has it too. */
  clusterKey: (project: TenantProject): string => `${project.names.cluster}.key`,
  kubeconfig: (project: TenantProject): string => `${project.names.cluster}.kubeconfig`,
} as const

/**
 * `operator` is absent on the tenant's own machine. The type that `at` returns carries the actor, so a step that
 * declares its actor can get no other.
 */
export function sessionsOf(
  { tenant, secrets }: { readonly tenant: Tenant; readonly secrets: SecretStore },
  open: OpenTenantSession,
  operator: Session<'operator'> | undefined,
): Sessions {
  const opened = new Map<string, Promise<Session<Actor> | undefined>>()
  const looks = new WeakMap<Session<Actor>, Session<Actor>>()
  const openIdentity = async (identity: Identity): Promise<Session<Actor> | undefined> => {
    if (identity.actor === 'operator') return operator
    const { actor } = identity
    const name = secretOf(identity)
    const [secret, next] = await Promise.all([secrets.read(name), secrets.read(nextOf(name))])
    if (next !== undefined) {
      // a rotation was interrupted: only Keystone knows which of the two was set
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
    look<A extends Actor>(session: Session<A>): Session<A> {
      const known = looks.get(session)
      if (known !== undefined && isOf(known, session.actor)) return known
      const made = session.snapshot()
      looks.set(session, made)
      return made
    },
  }

  function remember(key: string, session: Promise<Session<Actor> | undefined>): Promise<Session<Actor> | undefined> {
    opened.set(key, session)
    // a later step of the same command may make a missing secret
    void session.then(
      (found) => found ?? opened.delete(key),
      () => opened.delete(key),
    )
    return session
  }
}

/** The session of an account, signed in; `undefined` without its secret. */
export async function signIn(sessions: Sessions, identity: Identity): Promise<Session | undefined> {
  const session = await sessions.at(identity)
  await session?.token()
  return session
}

/** Does Keystone accept the credential? Throws if it could not be asked. */
export async function signsIn(session: Session): Promise<boolean> {
  try {
    await session.token()
    return true
  } catch (error) {
    // for an application credential of a missing project Keystone answers 404
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
