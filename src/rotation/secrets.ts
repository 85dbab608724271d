import { StepError } from '../errors.ts'
import {
  createApplicationCredential,
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../openstack/keystone/application-credentials.ts'
import { getPasswordRule } from '../openstack/keystone/password-rule.ts'
import { changePassword, updateUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Session } from '../openstack/session.ts'
import { sameSecondMs } from '../openstack/token.ts'
import type { Secret } from '../secret.ts'
import { accounts } from '../tenant/actors.ts'
import type { Account, TenantActor } from '../tenant/actors.ts'
import { describe } from '../tenant/names.ts'
import { fitsRule, generatePassword } from '../tenant/password.ts'
import { exchangeExpired } from '../tenant/first-use.ts'
import { generateApplicationCredentialSecret, nextOf } from '../tenant/secret-store.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { authOf, secretNames, secretOf } from '../tenant/sessions.ts'
import type { OpenTenantSession, Identity } from '../tenant/sessions.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import { exchangeSecret } from './exchange.ts'
import type { Exchanged } from './exchange.ts'
import type { Setter } from './setter.ts'

/** A new secret is set for an account. Nothing else is touched: no role, no enabled flag, no trust. */
export type Rotation = {
  readonly tenant: Tenant
  readonly secrets: SecretStore
  readonly account: Account
  readonly user: User
  /** The account that sets the new password. */
  readonly setter: Setter
  readonly open: OpenTenantSession
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** The account's password. */
export async function rotatePassword({
  tenant,
  secrets,
  account,
  user,
  setter,
  open,
  sleep,
}: Rotation): Promise<Exchanged> {
  const actor = accounts[account]
  const identity: Identity<TenantActor> = { actor, ...(actor === 'automation' ? { by: 'password' } : {}) }
  const rule = await getPasswordRule(setter.session)
  const name = secretOf(identity)
  return exchangeSecret({
    secrets,
    name,
    generate: () => generatePassword(rule),
    isUsable: (stored) => fitsRule(rule, stored),
    open: (secret) => open(actor, unscoped(authOf(tenant, identity, secret))),
    async set(next, old) {
      if (setter.actor === 'itself') {
        if (old === undefined) throw new StepError(`rotate/${user.name}`, 'only its old password could set a new one')
        await changePassword(setter.session, user.id, { from: old, to: next })
      } else {
        const reset = await updateUser(setter.session, user.id, { password: next })
        await exchangeExpired({ session: setter.session, secrets, name: nextOf(name) }, reset, next)
      }
      await sleep(sameSecondMs)
    },
  })
}

/** A password is right or wrong, whatever roles its user holds. */
function unscoped(auth: Auth): Auth {
  return auth.kind === 'password' ? { ...auth, scope: { kind: 'unscoped' } } : auth
}

/**
 * The application credential of a project. The new one is made and seen to work before the old one is deleted. Names
 * are unique for each user and every client signs in by name, so the new one first gets a temporary name
 * (docs/decisions/0072).
 */
export function rotateApplicationCredential(
  { tenant, secrets, user, open }: Rotation,
  project: TenantProject,
): Promise<Exchanged> {
  const name = project.names.applicationCredential
  const spare = `${name}-next`
  const password: Identity<'automation'> = { actor: 'automation', project, by: 'password' }
  const byName = (credential: string, secret: Secret): Session => {
    const owner = { name: tenant.names.automation, domain: { name: tenant.names.domain } }
    return open('automation', { kind: 'application-credential', credential: { name: credential, user: owner }, secret })
  }
  const bootstrapCredential = async (): Promise<Session<'automation'>> => {
    const secret = await secrets.read(secretOf(password))
    if (secret === undefined)
      throw new StepError(`rotate/${name}`, 'the password to make it is not in the data directory')
    return open('automation', authOf(tenant, password, secret))
  }
  const drop = async (session: Session<'automation'>, which: string): Promise<void> => {
    const all = await listApplicationCredentials(session, user.id)
    for (const one of all) if (one.name === which) await deleteApplicationCredential(session, user.id, one.id)
  }
  return exchangeSecret({
    secrets,
    name: secretNames.applicationCredential(project),
    generate: generateApplicationCredentialSecret,
    open: (secret) => byName(name, secret),
    async set(next) {
      const session = await bootstrapCredential()
      const mint = async (as: string): Promise<void> => {
        const description = describe(tenant.spec.tenant, 'automation')
        await createApplicationCredential(session, user.id, { name: as, description, secret: next, unrestricted: true })
      }
      await drop(session, spare)
      await mint(spare)
      await byName(spare, next).token()
      await drop(session, name)
      await mint(name)
    },
    tidy: async () => drop(await bootstrapCredential(), spare),
  })
}
