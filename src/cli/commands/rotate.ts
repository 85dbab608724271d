import { InputError, StopError } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { receive } from '../../handover/open.ts'
import { handoverFiles, writeHandover, writeReadable } from '../../handover/write.ts'
import { carriesMarker } from '../../onboarding/ownership.ts'
import {
  accountName,
  actorOf,
  findAccount,
  rotateApplicationCredential,
  rotatePassword,
} from '../../rotation/rotate.ts'
import type { Rotation, Setter } from '../../rotation/rotate.ts'
import { breakageOf } from '../../rotation/breakage.ts'
import type { Breakage } from '../../rotation/breakage.ts'
import { CloudError } from '../../errors.ts'
import { findDomain } from '../../openstack/keystone/domains.ts'
import type { Exchange } from '../../openstack/exchange.ts'
import type { Session } from '../../openstack/session.ts'
import { accounts } from '../../tenant/actors.ts'
import type { Account } from '../../tenant/actors.ts'
import { custodyOf } from '../../tenant/custody.ts'
import type { Custody } from '../../tenant/custody.ts'
import { readDependents } from '../../tenant/dependents.ts'
import type { Dependents } from '../../tenant/dependents.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { secretNames, signsIn } from '../../tenant/sessions.ts'
import type { OpenTenantSession, Sessions } from '../../tenant/sessions.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import { paint, print, wrap } from '../output.ts'
import type { Format } from '../output.ts'
import { renderFindings } from '../views/plan.ts'
import { openTenantSide } from '../tenant-side.ts'

type Options = CloudOptions & {
  readonly account: Account
  readonly yes?: true | undefined
  readonly output: Format
}

/** Sets up the actors: an operator together with the tenant's secrets, or the tenant alone. */
type RotationAccess = {
  readonly sessions: Sessions
  readonly open: OpenTenantSession
  readonly operator: Session<'operator'> | undefined
  readonly exchanges: readonly Exchange[]
  /** Updates the files that people use. */
  readonly rewrite: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Gives one account new secrets: stores them, sets them, sees them work and sees the old ones refused. */
export async function rotateCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const custody = custodyOf(await readEvidence(loaded.home.evidence))
  const hands = await takeHands(loaded, custody, options, io)
  try {
    const lock = await acquireLock(loaded.home.path, `rotate, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      await makeHome(loaded.home)
      return await rotate(loaded, custody, hands, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await hands.close()
  }
}

async function takeHands(
  loaded: LoadedTenant,
  custody: Custody,
  options: Options,
  io: CommandContext,
): Promise<RotationAccess> {
  const { tenant, home, secrets } = loaded
  if (custody.kind === 'own') {
    const { files } = await receive(home.handover, undefined)
    const side = await openTenantSide(loaded, files, options, io)
    const rewrite = async (): Promise<void> => {
      const renewed = await handoverFiles({ tenant, secrets, endpoint: side.endpoint, ca: side.ca })
      if (renewed !== undefined) await writeReadable(home, renewed)
    }
    return { ...side, operator: undefined, rewrite }
  }
  const cloud = await openCloud(loaded, options, io)
  return { ...cloud, rewrite: () => writeHandover(tenant, home, secrets, cloud.config.endpoint, cloud.ca) }
}

async function rotate(
  loaded: LoadedTenant,
  custody: Custody,
  hands: RotationAccess,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const { tenant, home, secrets } = loaded
  const { account } = options
  const setter = await setterOf(loaded, custody, hands, account)
  if ('code' in setter) return refuse(setter, options, io)
  const user = await userOf(loaded, setter, account)
  if ('code' in user) return refuse(user, options, io)
  const dependents = await dependentsOf(loaded, hands, account, user)
  const breakage = breakageOf(tenant, account, custody, dependents)
  if (!(await isApproved(breakage, options, io))) return 0

  const rotation: Rotation = { tenant, secrets, account, user, setter, open: hands.open, sleep: io.sleep }
  const evidence = await openEvidence(home.evidence, io.now)
  const asked = hands.exchanges.length
  const done = [await rotatePassword(rotation)]
  const files: string[] = [secretNames[accounts[account]]]
  const record = async (): Promise<void> => {
    const old = done.some((one) => one.old === 'refused') ? 'refused' : 'not known here'
    const requestIds = hands.exchanges
      .slice(asked)
      .flatMap((one) => (one.method === 'GET' ? [] : (one.requestId ?? [])))
    await evidence.append({ kind: 'rotated', account, by: actorOf(setter, account), old, requestIds })
  }
  if (account === 'svc') {
    await done[0]?.settle()
    for (const project of tenant.projects) {
      done.push(await rotateApplicationCredential(rotation, project))
      files.push(secretNames.applicationCredential(project))
    }
  }
  await record()
  for (const one of account === 'svc' ? done.slice(1) : done) await one.settle()
  await hands.rewrite()

  const result = {
    tenant: tenant.spec.tenant,
    ok: true,
    account: user.name,
    by: actorOf(setter, account),
    old: done.map((one) => one.old),
    secrets: files.map((name) => secrets.pathOf(name)),
    ended: breakage.ends,
    dependents,
    next: breakage.next,
  }
  print(io, options.output, result, () => {
    const old = result.old.includes('refused') ? 'the old one is refused' : 'the old one was not known here'
    const next = result.next.map((line) => `${line}\n`).join('')
    return `${paint(io, 'green', `${user.name} has a new secret`)}, set by ${setter.actor}; ${old}\n${result.secrets.map((path) => `  ${path}\n`).join('')}${next}`
  })
  return 0
}

/** The account that may set it and can sign in here, or the reason why none can. */
async function setterOf(
  { tenant }: LoadedTenant,
  custody: Custody,
  { sessions, operator }: RotationAccess,
  account: Account,
): Promise<Setter | Finding> {
  const where = `user ${accountName(tenant, account)}`
  if (account === 'domain-admin' && operator !== undefined) return { actor: 'operator', session: operator }
  const manager = await sessions.at({ actor: 'manager' })
  if (manager !== undefined && (await signsIn(manager)))
    return account === 'domain-admin' ? { actor: 'itself', session: manager } : { actor: 'manager', session: manager }
  const common = { severity: 'error', where } as const
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

async function userOf({ tenant }: LoadedTenant, setter: Setter, account: Account): Promise<User | Finding> {
  const name = accountName(tenant, account)
  const domainId =
    setter.actor === 'operator'
      ? (await findDomain(setter.session, tenant.names.domain))?.id
      : (await setter.session.token()).domainId
  const user = domainId === undefined ? undefined : await findAccount(setter.session, tenant, account, domainId)
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

/** Read by the operator, or on the tenant's machine by the account that makes clusters. */
async function dependentsOf(
  { tenant }: LoadedTenant,
  { operator, sessions }: RotationAccess,
  account: Account,
  user: User,
): Promise<Dependents> {
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

async function isApproved(breakage: Breakage, options: Options, io: CommandContext): Promise<boolean> {
  // indented lines hold one cluster or trust each, and are not wrapped
  for (const line of [...breakage.ends, ...breakage.lives])
    io.err(`${line.startsWith(' ') ? line : wrap(line, io.columns).join('\n')}\n`)
  if (options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (io.stop.aborted) throw new StopError('stopped as requested; nothing was changed')
  if (await io.confirm('rotate it?')) return true
  io.err('nothing was changed\n')
  return false
}

function refuse(finding: Finding, options: Options, io: CommandContext): number {
  print(io, options.output, { ok: false, findings: [finding] }, () => renderFindings(io, [finding]))
  return 3
}
