/**
 * Who may set a new secret, and for whom. The manager's, or the manager its own on the tenant's own machine; those
 * of the other two by the manager, who owns its domain's users.
 */
import { InputError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { hasOwnDirectory } from '../openstack/keystone/directories.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
import { findUser, listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { accounts } from '../tenant/actors.ts'
import type { Account, Actor, TenantActor } from '../tenant/actors.ts'
import type { Custody } from '../tenant/custody.ts'
import { carriesMarker } from '../tenant/names.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'

export type Setter =
  | { readonly actor: 'operator'; readonly session: Session<'operator'> }
  | { readonly actor: 'manager'; readonly session: Session<'manager'> }
  /** The account itself, by its old password, because there is no other one. */
  | { readonly actor: 'itself'; readonly session: Session<TenantActor> }

export type SetterOptions = {
  readonly tenant: Tenant
  readonly account: Account
  readonly sessions: Sessions
  /** Absent on the tenant's own machine. */
  readonly operator: Session<'operator'> | undefined
}

/** The account that may set it and can sign in here, or the reason why none can. */
export async function findSetter(
  { tenant, account, sessions, operator }: SetterOptions,
  custody: Custody,
): Promise<Setter | Finding> {
  if (account === 'domain-admin' && operator !== undefined) return { actor: 'operator', session: operator }
  const manager = await sessions.at({ actor: 'manager' })
  if (manager !== undefined && (await signsIn(manager)))
    return account === 'domain-admin' ? { actor: 'itself', session: manager } : { actor: 'manager', session: manager }
  const common = { severity: 'error', where: `user ${accountName(tenant, account)}` } as const
  if (custody.kind === 'handed over')
    return {
      ...common,
      code: 'rotate/held-by-the-tenant',
      message: `since ${custody.at} only the tenant can set it, from its own data directory`,
      remedy: `run \`rotate --account ${account}\` where \`accept\` ran; the operator can only reset a lost password of the manager: \`rotate --account domain-admin\``,
      owner: 'tenant',
    }
  return {
    ...common,
    code: 'rotate/no-manager',
    message: `${tenant.names.manager} sets it, and cannot sign in here: its password is missing from the data directory, or is refused`,
    remedy:
      custody.kind === 'own'
        ? 'ask your operator for a new handover (`rotate --account domain-admin`, `handover --again`), and `accept` it'
        : '`rotate --account domain-admin` first',
    owner: custody.kind === 'own' ? 'operator' : 'tenant',
  }
}

/** The user of the account, if it is ours. Throws `InputError` when there is none yet. */
export async function findAccount(tenant: Tenant, account: Account, setter: Setter): Promise<User | Finding> {
  const name = accountName(tenant, account)
  const domainId =
    setter.actor === 'operator'
      ? (await findDomain(setter.session, tenant.names.domain))?.id
      : (await setter.session.token()).domainId
  const user = domainId === undefined ? undefined : await findUser(setter.session, name, domainId)
  if (domainId !== undefined) {
    const seen = user === undefined ? await listUsers(setter.session, { domain_id: domainId }) : [user]
    if (await hasOwnDirectory(setter.session, domainId, seen))
      return {
        code: 'rotate/own-directory',
        severity: 'error',
        where: `user ${name}`,
        message:
          'the users of its domain are in a directory of its own (LDAP), which Keystone only reads: no password can be set from here',
        remedy: 'the owner of that directory sets the password there',
        owner: setter.actor === 'operator' ? 'operator' : 'tenant',
      }
  }
  if (user === undefined) throw new InputError(`there is no account \`${name}\` yet; \`apply\` or \`accept\` makes it`)
  if (carriesMarker(tenant.spec.tenant, user.description)) return user
  return {
    code: 'rotate/not-ours',
    severity: 'error',
    where: `user ${name}`,
    message: 'exists and does not carry our marker, so another person may use its password',
    remedy: 'take it over with `apply --adopt`, which also sets a new password',
    owner: setter.actor === 'operator' ? 'operator' : 'tenant',
  }
}

/** As the evidence names whoever set it. */
export function actorOf(setter: Setter, account: Account): Actor {
  return setter.actor === 'itself' ? accounts[account] : setter.actor
}

function accountName({ names }: Tenant, account: Account): string {
  return names[accounts[account]]
}
