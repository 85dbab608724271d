import { cloudOfHandover } from '../../handover/open.ts'
import { deliveryOf, readableFiles, removeReadable, sealedPath, writeSealed } from '../../handover/deliver.ts'
import type { Delivery } from '../../handover/deliver.ts'
import { furtherSecrets, handoverFiles, writeReadable } from '../../handover/write.ts'
import type { HandoverFiles } from '../../handover/write.ts'
import { signInAsReceived } from '../../self-service/sign-in.ts'
import { InputError } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { custodyOf } from '../../tenant/custody.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import type { EvidenceRecord } from '../../tenant/evidence.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { nextOf } from '../../tenant/secret-store.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../output.ts'
import type { Format } from '../output.ts'
import { renderFindings } from '../views/plan.ts'

type Options = CloudOptions & {
  readonly again?: true | undefined
  readonly yes?: true | undefined
  readonly output: Format
}

/**
 * Gives the tenant its domain manager, once: files that any client can use, sealed if the tenant file names a
 * recipient.
 */
export async function handoverCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const records = await readEvidence(loaded.home.evidence)
  if (custodyOf(records).kind === 'own')
    throw new InputError("this is the tenant's own data directory, made by `accept`: it has nothing to hand over")
  const delivery = deliveryOf(records)
  const isReset = delivery !== undefined && isResetSince(delivery, records)
  const refusal = delivery === undefined ? undefined : deliveredBefore(delivery, isReset, options)
  if (delivery !== undefined && refusal !== 'again') {
    // a password that was reset later is in no handover yet
    if (!isReset) await tidy(loaded, delivery, io)
    return report(loaded, delivery, refusal === undefined ? [] : [refusal], options, io)
  }
  const cloud = await openCloud(loaded, options, io)
  try {
    const lock = await acquireLock(loaded.home.path, `handover, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      await makeHome(loaded.home)
      return await deliver(loaded, cloud, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

function isResetSince(delivery: Delivery, records: readonly EvidenceRecord[]): boolean {
  return records.some(
    (record) => record.kind === 'rotated' && record.account === 'domain-admin' && record.seq > delivery.seq,
  )
}

/** `again`: deliver it again. Nothing: it is delivered already, and there is nothing else to do. */
function deliveredBefore(delivery: Delivery, isReset: boolean, options: Options): Finding | 'again' | undefined {
  const isAgain = options.again === true
  if (isReset && isAgain) return 'again'
  if (!isReset && !isAgain) return undefined
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

async function deliver(loaded: LoadedTenant, cloud: OpenCloud, options: Options, io: CommandContext): Promise<number> {
  const { tenant, home, secrets } = loaded
  const recipient = tenant.spec.handover?.recipient
  const evidence = await openEvidence(home.evidence, io.now)
  const head = evidence.records.at(-1)?.hash
  if ((await readableFiles(tenant, home)).some((path) => path.endsWith(nextOf(''))))
    throw new InputError(
      'a rotation was interrupted, and it is not known which secret is valid: first run `rotate` for that account again',
    )
  const source = { tenant, secrets, endpoint: cloud.config.endpoint, ca: cloud.ca, head }
  const plain = await handoverFiles(source)
  if (plain === undefined)
    throw new InputError(
      `the password of \`${tenant.names.manager}\` is not in the data directory: \`apply --until domain\` makes the account, \`rotate --account domain-admin\` sets a new password`,
    )
  const wrong = await unusable(plain, loaded, cloud, io)
  if (wrong !== undefined) {
    print(io, options.output, { ok: false, findings: [wrong] }, () => renderFindings(io, [wrong]))
    return 3
  }
  if (recipient === undefined) {
    await evidence.append(await writeReadable(home, plain))
  } else {
    const files = new Map([...plain, ...(await furtherSecrets(home, secrets))])
    if (!(await isApproved(loaded, recipient, files, options, io))) return 0
    await evidence.append(await writeSealed(tenant, home, files, recipient))
  }
  const delivery = deliveryOf(evidence.records)
  if (delivery === undefined) throw new Error('the handover that was just recorded is not in the evidence')
  await tidy(loaded, delivery, io)
  return report(loaded, delivery, [], options, io)
}

/** Removes what was sealed. A crash may have left some of it, so every later call looks again. */
async function tidy({ tenant, home }: LoadedTenant, delivery: Delivery, io: CommandContext): Promise<void> {
  if (delivery.recipient === undefined) return
  const kept = await removeReadable(tenant, home, delivery)
  if (kept.length > 0) io.err(`not in the handover, so not removed; move or remove it yourself: ${kept.join(', ')}\n`)
}

/** Signs in with the same files as the recipient will, before anything is delivered. */
async function unusable(
  files: HandoverFiles,
  { tenant }: LoadedTenant,
  cloud: OpenCloud,
  io: CommandContext,
): Promise<Finding | undefined> {
  const { config } = await cloudOfHandover(files, tenant.names.manager, io.now())
  return signInAsReceived(tenant, cloud.open('manager', config.auth))
}

async function isApproved(
  { tenant, home }: LoadedTenant,
  recipient: string,
  files: HandoverFiles,
  options: Options,
  io: CommandContext,
): Promise<boolean> {
  const readable = await readableFiles(tenant, home)
  io.err(
    `seals ${[...files.keys()].join(', ')}\n  to ${recipient}\nand then removes ${readable.join(', ')}\n  from ${home.path}: after that, no account of ${tenant.spec.tenant} can sign in from here\n`,
  )
  if (options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await io.confirm('hand it over?')) return true
  io.err('nothing was changed\n')
  return false
}

function report(
  { tenant, home }: LoadedTenant,
  delivery: Delivery,
  findings: readonly Finding[],
  options: Options,
  io: CommandContext,
): number {
  const { at, recipient, sha256, files } = delivery
  const path = recipient === undefined ? home.handover : sealedPath(tenant, home)
  const result = { tenant: tenant.spec.tenant, ok: findings.length === 0, at, recipient, sha256, path, files, findings }
  print(
    io,
    options.output,
    result,
    () => `${renderFindings(io, findings)}${renderDelivery(tenant.spec.tenant, delivery, path)}`,
  )
  return findings.length === 0 ? 0 : 3
}

function renderDelivery(tenant: string, { at, recipient, sha256, files }: Delivery, path: string): string {
  const facts = `${tenant} was handed over ${at.slice(0, 16).replace('T', ' ')}Z
  to      ${recipient ?? 'anyone who has the folder'}
  ${recipient === undefined ? 'folder' : 'file  '}  ${path}
  sha256  ${sha256}
  inside  ${files.join(' ')}
`
  if (recipient === undefined)
    return `${facts}The sha256 is that of the output of \`sha256sum ${files.join(' ')}\` in that folder.\n`
  const name = `${tenant}-handover.zip`
  return `${facts}Send the file, and send the sha256 by another channel. The recipient opens it with
  age -d -i identity.txt -o ${name} ${name}.age && unzip -d ${tenant} ${name}
or carries out the tenant's side directly with
  tenant-onboard accept ${name}.age tenant.yaml --identity identity.txt
`
}
