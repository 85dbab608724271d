/** New secrets for one account: stored, set, seen to work, the old ones seen to be refused, and recorded. */
import { CloudError } from '../errors.ts'
import { writeHandover } from '../handover/write.ts'
import type { Finding } from '../finding.ts'
import type { User } from '../openstack/keystone/users.ts'
import { accounts } from '../tenant/actors.ts'
import type { Actor } from '../tenant/actors.ts'
import type { TenantContext } from '../tenant/context.ts'
import { custodyOf } from '../tenant/custody.ts'
import { readDependents } from '../tenant/dependents.ts'
import type { Dependents } from '../tenant/dependents.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { Evidence } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import { protectionByName, protectionOf } from '../tenant/protected-domains.ts'
import { secretNames } from '../tenant/sessions.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'
import { breakageOf } from './breakage.ts'
import type { Breakage } from './breakage.ts'
import type { Exchanged } from './exchange.ts'
import { rotateApplicationCredential, rotatePassword } from './secrets.ts'
import type { Rotation } from './secrets.ts'
import { actorOf, findAccount, findSetter } from './setter.ts'
import type { Setter, SetterOptions } from './setter.ts'

export type RotateOptions = TenantContext &
  SetterOptions &
  LockHolder & {
    readonly open: OpenTenantSession
    /** Called before anything is changed; `false` stops the run. */
    readonly approve: (breakage: Breakage) => Promise<boolean>
  }

export type Rotated =
  | { readonly kind: 'refused'; readonly finding: Finding }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'rotated'
      /** Name of the user. */
      readonly account: string
      readonly setter: Setter['actor']
      readonly by: Actor
      /** Of each secret, what is seen of the one before. */
      readonly old: readonly Exchanged['old'][]
      /** Paths of the new ones. */
      readonly secrets: readonly string[]
      readonly breakage: Breakage
      readonly dependents: Dependents
    }

/** Under the lock of the tenant. Throws `InputError` when there is no such account yet. */
export function rotate(options: RotateOptions): Promise<Rotated> {
  const { home } = options
  return withLock(home.path, options, async () => {
    await makeHome(home)
    return rotateOne(options)
  })
}

async function rotateOne(options: RotateOptions): Promise<Rotated> {
  const { tenant, account, home, secrets, open, clock, operator } = options
  // only of the manager does the operator set the password; the others' it need not even be able to sign in for
  const refusal =
    operator !== undefined && account === 'domain-admin'
      ? await protectionOf(operator, tenant, { trustsMarker: true })
      : protectionByName(tenant)
  if (refusal !== undefined) return { kind: 'refused', finding: refusal }
  const custody = custodyOf(await readEvidence(home.evidence))
  const setter = await findSetter(options, custody)
  if ('code' in setter) return { kind: 'refused', finding: setter }
  const user = await findAccount(tenant, account, setter)
  if ('code' in user) return { kind: 'refused', finding: user }
  const dependents = await dependentsOf(options, user)
  const breakage = breakageOf(tenant, account, custody, dependents)
  if (!(await options.approve(breakage))) return { kind: 'declined' }

  const rotation: Rotation = { tenant, secrets, account, user, setter, open, sleep: clock.sleep }
  const evidence = await openRunEvidence(options, options.command)
  const done = await exchangeAll(rotation, evidence, options)
  // the files that people sign in with
  await writeHandover(options, evidence.records)
  return {
    kind: 'rotated',
    account: user.name,
    setter: setter.actor,
    by: actorOf(setter, account),
    old: done.map(({ old }) => old),
    secrets: done.map(({ name }) => secrets.pathOf(name)),
    breakage,
    dependents,
  }
}

type Done = Exchanged & { readonly name: string }

/** Recorded before the new secrets take the place of the old ones: until then both are on disk. */
async function exchangeAll(
  rotation: Rotation,
  evidence: Evidence,
  { exchanges }: RotateOptions,
): Promise<readonly Done[]> {
  const { tenant, account, setter } = rotation
  const asked = exchanges.length
  const password = { ...(await rotatePassword(rotation)), name: secretNames[accounts[account]] }
  const credentials: Done[] = []
  if (account === 'svc') {
    // by it the credentials are minted
    await password.settle()
    for (const project of tenant.projects) {
      const name = secretNames.applicationCredential(project)
      credentials.push({ ...(await rotateApplicationCredential(rotation, project)), name })
    }
  }
  const done = [password, ...credentials]
  const old = done.some((one) => one.old === 'refused') ? 'refused' : 'not known here'
  const requestIds = exchanges.slice(asked).flatMap((one) => (one.method === 'GET' ? [] : (one.requestId ?? [])))
  await evidence.append({ kind: 'rotated', account, by: actorOf(setter, account), old, requestIds })
  for (const one of account === 'svc' ? credentials : done) await one.settle()
  return done
}

/** Read by the operator, or on the tenant's machine by the account that makes clusters. */
async function dependentsOf({ tenant, account, operator, sessions }: RotateOptions, user: User): Promise<Dependents> {
  const [project] = tenant.projects
  const session = operator ?? (await sessions.at({ actor: 'creator', project }))
  if (account === 'domain-admin') return { kind: 'read', owners: [] }
  if (session === undefined)
    return { kind: 'unreadable', because: 'no account that can list clusters can sign in here' }
  try {
    return await readDependents(session, { userIds: [user.id] })
  } catch (error) {
    if (!(error instanceof CloudError) || error.kind !== 'sign-in') throw error
    return { kind: 'unreadable', because: error.reason }
  }
}
