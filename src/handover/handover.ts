/**
 * Gives the tenant its domain manager, once: files that any client can use, sealed if the tenant file names a
 * recipient.
 */
import { InputError, invariant } from '../errors.ts'
import type { Finding } from '../finding.ts'
import type { Session } from '../openstack/session.ts'
import type { LoadedTenant, TenantContext } from '../tenant/context.ts'
import { custodyOf } from '../tenant/custody.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import { protectionByName } from '../tenant/protected-domains.ts'
import { firstOf, nextOf } from '../tenant/secret-store.ts'
import type { Account } from '../openstack/horizon.ts'
import { secretNames, signsIn } from '../tenant/sessions.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'
import { deliveryOf, readableFiles, removeReadable, sealedPath, writeSealed } from './deliver.ts'
import type { Delivery } from './deliver.ts'
import { cloudOfHandover } from './open.ts'
import { signInAsReceived } from './sign-in.ts'
import { handoverFiles, writeReadable } from './write.ts'
import type { HandoverFiles } from './write.ts'

export type HandoverOptions = LoadedTenant &
  LockHolder & {
    /** Called where there is something to deliver; closed again at the end. */
    readonly connect: () => Promise<HandoverTarget>
    /** Whether a password that was reset since it was delivered may go out as well. */
    readonly again: boolean
    /** Whether this account may work in the dashboard; asked before the account leaves. What it finds goes out as a warning. */
    readonly look: (account: Account) => Promise<readonly Finding[]>
    /** Asked before anything is sealed: what is readable is removed after it. `false` leaves everything as it is. */
    readonly approve: (sealing: Sealing) => Promise<boolean>
  }

/** The cloud that is handed over. `open`: to sign in with the very files. */
export type HandoverTarget = Pick<TenantContext, 'endpoint' | 'ca' | 'keystone' | 'used'> & {
  readonly operator?: Session<'operator'> | undefined
  readonly open: OpenTenantSession
  readonly close: () => Promise<void>
}

export type Sealing = {
  readonly recipient: string
  /** Names inside of the sealed file. */
  readonly files: readonly string[]
  /** What is removed, relative to the home. */
  readonly readable: readonly string[]
}

export type HandedOver =
  /** What would be delivered does not sign in as the domain manager, or the domain is no tenant's. */
  | { readonly kind: 'refused'; readonly finding: Finding }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'delivered'
      /** The latest, of today or of an earlier call. */
      readonly delivery: Delivery
      /** The folder, or the sealed file. */
      readonly path: string
      /** Why it does not go out once more, though it was asked for or is due. */
      readonly refusal: Finding | undefined
      /** Readable files that are in no sealed one and so were left, relative to the home. */
      readonly kept: readonly string[]
      /** What the tenant will meet in the dashboard; empty where nothing was delivered now. */
      readonly warnings: readonly Finding[]
    }

/** Under the lock of the tenant, unless it was delivered already. Throws `InputError` when there is nothing to hand over. */
export async function handover(options: HandoverOptions): Promise<HandedOver> {
  const { home, tenant } = options
  const refused = protectionByName(tenant)
  if (refused !== undefined) return { kind: 'refused', finding: refused }
  const records = await readEvidence(home.evidence)
  if (custodyOf(records).kind === 'own')
    throw new InputError("this is the tenant's own data directory, made by `accept`: it has nothing to hand over")
  const delivery = deliveryOf(records)
  const isReset = delivery !== undefined && isResetSince(delivery, records)
  if (delivery !== undefined && !(isReset && options.again)) {
    const refusal = isReset || options.again ? deliveredBefore(delivery, isReset) : undefined
    // a password that was reset later is in no handover yet
    return delivered(delivery, refusal, isReset ? [] : await tidy(delivery, options), options)
  }
  const target = await options.connect()
  try {
    return await withLock(home.path, options, async () => {
      await makeHome(home)
      return deliver(target, options)
    })
  } finally {
    await target.close()
  }
}

function isResetSince(delivery: Delivery, records: readonly EvidenceRecord[]): boolean {
  return records.some(
    (record) => record.kind === 'rotated' && record.account === 'domain-admin' && record.seq > delivery.seq,
  )
}

function deliveredBefore(delivery: Delivery, isReset: boolean): Finding {
  return {
    code: 'handover/delivered-before',
    severity: 'error',
    where: `handover of ${delivery.at}`,
    message: isReset
      ? 'the password was reset after the delivery, so the delivered one no longer signs in'
      : 'the password was delivered already; a second copy would be a needless risk',
    remedy: isReset
      ? 'deliver the new one with `handover --again`'
      : '`rotate --account domain-admin`, then `handover --again`',
    owner: 'operator',
  }
}

async function deliver(target: HandoverTarget, options: HandoverOptions): Promise<HandedOver> {
  const { tenant, home, secrets, clock } = options
  const recipient = tenant.spec.handover?.recipient
  const evidence = await openRunEvidence({ ...target, home, clock }, options.command)
  const head = evidence.records.at(-1)?.hash
  const readable = await readableFiles(tenant, home)
  if (readable.some((path) => path.endsWith(nextOf(''))))
    throw new InputError(
      'a rotation was interrupted, and it is not known which secret is valid: first run `rotate` for that account again',
    )
  if (readable.some((path) => path.endsWith(firstOf(''))))
    throw new InputError('the change of a password at first use was interrupted: first run `apply` again')
  const plain = await handoverFiles({ tenant, home, secrets, endpoint: target.endpoint, ca: target.ca, head })
  if (plain === undefined)
    throw new InputError(
      `the password of \`${tenant.names.manager}\` is not in the data directory: \`apply --until domain\` makes the account, \`rotate --account domain-admin\` sets a new password`,
    )
  const finding = await whyUnusable(plain, target, options)
  if (finding !== undefined) {
    // another cloud refuses the password as well, and shows what it is only to somebody who can sign in
    if (target.operator !== undefined) await signsIn(target.operator)
    return { kind: 'refused', finding }
  }
  const password = await secrets.read(secretNames.manager)
  invariant(password, 'the handover has it')
  const warnings = await options.look({ domain: tenant.names.domain, name: tenant.names.manager, password })
  if (recipient === undefined) {
    await evidence.append(await writeReadable(home, plain))
  } else {
    if (!(await options.approve({ recipient, files: [...plain.keys()], readable }))) return { kind: 'declined' }
    await evidence.append(await writeSealed(tenant, home, plain, recipient))
  }
  const delivery = deliveryOf(evidence.records)
  invariant(delivery, 'the handover that was just recorded is not in the evidence')
  return { ...delivered(delivery, undefined, await tidy(delivery, options), options), warnings }
}

/** Signs in with the same files as the recipient will, before anything is delivered. */
async function whyUnusable(
  files: HandoverFiles,
  { open }: HandoverTarget,
  { tenant, clock }: HandoverOptions,
): Promise<Finding | undefined> {
  const { config } = await cloudOfHandover(files, tenant.names.manager, clock.now())
  return signInAsReceived(tenant, open('manager', config.auth))
}

/** Removes what was sealed. A crash may have left some of it, so every later call looks again. */
async function tidy(delivery: Delivery, { tenant, home }: HandoverOptions): Promise<readonly string[]> {
  return delivery.recipient === undefined ? [] : removeReadable(tenant, home, delivery)
}

function delivered(
  delivery: Delivery,
  refusal: Finding | undefined,
  kept: readonly string[],
  { tenant, home }: HandoverOptions,
): Extract<HandedOver, { kind: 'delivered' }> {
  const path = delivery.recipient === undefined ? home.handover : sealedPath(tenant, home)
  return { kind: 'delivered', delivery, path, refusal, kept, warnings: [] }
}
