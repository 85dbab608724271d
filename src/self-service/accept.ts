/** Takes a handover over: into a home of the tenant's own, and from there as far as the tenant file asks. */
import { InputError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { receive } from '../handover/open.ts'
import type { Received } from '../handover/open.ts'
import { signInAsReceived } from '../handover/sign-in.ts'
import { secretsFolder } from '../handover/entries.ts'
import { writeHandover } from '../handover/write.ts'
import type { HandoverFiles } from '../handover/write.ts'
import type { Caller, RunOptions } from '../onboarding/run.ts'
import { Secret } from '../secret.ts'
import type { LoadedTenant } from '../tenant/context.ts'
import { custodyOf } from '../tenant/custody.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import { secretNames, signsIn } from '../tenant/sessions.ts'
import { carryOut } from './rounds.ts'
import type { CarriedOut } from './rounds.ts'
import type { TenantSide } from './tenant-side.ts'

export type AcceptOptions = LoadedTenant &
  LockHolder &
  Pick<Caller, 'approve' | 'watch'> & {
    /** A folder, or a sealed file. */
    readonly handover: string
    /** The file with the age identities that open a sealed one. */
    readonly identity: string | undefined
    /** The cloud as the files of the handover alone describe it; closed again at the end. */
    readonly connect: (files: HandoverFiles) => Promise<TenantSide>
    readonly options: RunOptions
  }

export type Accepted =
  /** What was received is not the domain manager of this tenant: nothing was done. */
  | { readonly kind: 'refused'; readonly finding: Finding }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'carried out'
      readonly sha256: string
      /** The last record of the operator's evidence, as the handover names it. */
      readonly operatorHead: string | undefined
      readonly outcome: CarriedOut
    }

/** Under the lock of the tenant. Throws `InputError` when the home is an operator's, or the handover cannot be opened. */
export async function accept(options: AcceptOptions): Promise<Accepted> {
  const { home } = options
  const records = await readEvidence(home.evidence)
  if (records.length > 0 && custodyOf(records).kind !== 'own')
    throw new InputError(
      `\`${home.path}\` is an operator's data directory; give the tenant one of its own with \`--home FOLDER\``,
    )
  const received = await receive(options.handover, options.identity)
  const side = await options.connect(received.files)
  try {
    return await withLock(home.path, options, () => acceptAt(side, received, options))
  } finally {
    await side.close()
  }
}

async function acceptAt(side: TenantSide, received: Received, options: AcceptOptions): Promise<Accepted> {
  const finding = await takeOver(side, received)
  if (finding !== undefined) return { kind: 'refused', finding }
  const evidence = await openRunEvidence(side, options.command)
  const { sha256 } = received
  const operatorHead = headOf(received)
  const isKnown = evidence.records.some((one) => one.kind === 'accepted' && one.sha256 === sha256)
  if (!isKnown) await evidence.append({ kind: 'accepted', sha256, operatorHead })
  const watch = options.watch()
  let outcome: CarriedOut
  try {
    outcome = await carryOut({ ...side, options: options.options, evidence, progress: watch.show }, options.approve)
  } finally {
    watch.end()
    // for people and for `rotate`: the same files, with the current password
    await writeHandover(side, evidence.records)
  }
  return outcome.isDeclined ? { kind: 'declined' } : { kind: 'carried out', sha256, operatorHead, outcome }
}

/** Stores what was received in the data directory, unless newer secrets are there already. */
async function takeOver(side: TenantSide, { files }: Received): Promise<Finding | undefined> {
  const { tenant, home, secrets } = side
  const own = await side.sessions.at({ actor: 'manager' })
  if (own === undefined || !(await signsIn(own))) {
    const wrong = await signInAsReceived(tenant, side.asGiven())
    if (wrong !== undefined) return wrong
    await makeHome(home)
    if (side.given !== undefined) await secrets.write(secretNames.manager, side.given)
    side.sessions.renew('manager')
  }
  await makeHome(home)
  for (const [name, text] of files) {
    const secret = name.startsWith(`${secretsFolder}/`) ? name.slice(secretsFolder.length + 1) : undefined
    if (secret === undefined || /[/\\]|^\./.test(secret) || (await secrets.read(secret)) !== undefined) continue
    await secrets.write(secret, new Secret(text.reveal().trimEnd()))
  }
  return undefined
}

function headOf({ files }: Received): string | undefined {
  return /`(sha256:[0-9a-f]{64})`/.exec(files.get('README.md')?.reveal() ?? '')?.[1]
}
