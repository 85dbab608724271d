import { stat } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { parseCloudFacts } from '../tenant/cloud-facts.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { Digests, EvidenceRecord } from '../tenant/evidence.ts'
import { holderOf } from '../tenant/lock.ts'
import { readProgress } from '../tenant/progress-file.ts'
import type { ProgressLine } from '../tenant/progress-file.ts'
import { parseSpec } from '../tenant/spec.ts'
import { readPolicyMark } from '../tenant/policy-mark.ts'
import { stagesAskedBy } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import { sinceOffboarding } from '../tenant/presence.ts'
import { digestsOf, tenantOf } from '../tenant/tenant.ts'
import type { TenantHome } from './homes.ts'
import type { LiveView } from './model.ts'
import { liveView, parseHolder } from './run-view.ts'
import { readInput } from '../tenant/input-file.ts'

/* Reads one tenant's data directory. Sends no request to a cloud and changes no file. */

export type Reading = {
  readonly live: LiveView
  readonly records: readonly EvidenceRecord[]
  /** What a verdict must be about to be current. */
  readonly digests: Digests
  /** The stages that the tenant's file asks for; absent: the file was not found. */
  readonly asked?: ReadonlySet<StageName>
  /** The tenant's file that `digests` came from. */
  readonly file?: string
  /** Why the evidence is invalid. */
  readonly problem?: string
}

/** Changes whenever a reading would. `file`: the tenant's, as the earlier reading found it. */
export async function signatureOf({ home }: TenantHome, file: string | undefined): Promise<string> {
  const [spec, evidence, progress, cloud, policy, holder] = await Promise.all([
    file === undefined ? '' : stampOf(file),
    stampOf(home.evidence),
    stampOf(home.progress),
    stampOf(home.cloudFile),
    stampOf(home.policyMark),
    holderOf(home.path),
  ])
  return [spec, evidence, progress, cloud, policy, holder ?? ''].join(' ')
}

export async function readTenant(found: TenantHome): Promise<Reading> {
  const { home } = found
  const [lines, holder] = await Promise.all([linesOf(home.progress), holderOf(home.path)])
  const [start] = lines
  try {
    const records = await readEvidence(home.evidence)
    // the end of a run does not matter after the tenant was offboarded
    const isPast = start !== undefined && start.at < (leftAt(records) ?? '')
    const live = liveOf(isPast ? [] : lines, holder)
    const now = start?.kind === 'begun' ? await digestsNow(found, start.file, records) : undefined
    if (now !== undefined) return { live, records, ...now }
    return { live, records, digests: { ...latestOf(records), policy: await readPolicyMark(home) } }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { live: liveOf(lines, holder), records: [], digests: none, problem: error.message }
  }
}

function liveOf(lines: readonly ProgressLine[], holder: string | undefined): LiveView {
  return liveView(lines, holder === undefined ? undefined : parseHolder(holder))
}

/** When the tenant was last offboarded. */
function leftAt(records: readonly EvidenceRecord[]): string | undefined {
  return records[records.length - sinceOffboarding(records).length - 1]?.at
}

/** A foreign or damaged progress file is ignored; the rest of the tenant is still shown. */
async function linesOf(path: string): Promise<readonly ProgressLine[]> {
  try {
    return await readProgress(path)
  } catch (error) {
    if (error instanceof InputError) return []
    throw error
  }
}

const none: Digests = { spec: '', cloud: '' }

function latestOf(records: readonly EvidenceRecord[]): Digests {
  const last = records.findLast((record) => record.kind === 'gate')
  return last?.kind === 'gate' ? last.digests : none
}

/** From the file of the latest run, if it still exists and is still of this tenant. */
async function digestsNow(
  { cloud, tenant, home }: TenantHome,
  file: string,
  records: readonly EvidenceRecord[],
): Promise<Pick<Reading, 'digests' | 'asked' | 'file'> | undefined> {
  try {
    const text = await readInput(file)
    if (text === undefined) return undefined
    const spec = parseSpec(file, text)
    if (spec.cloud !== cloud || spec.tenant !== tenant) return undefined
    const facts = await readInput(home.cloudFile)
    const today = tenantOf(spec, facts === undefined ? {} : parseCloudFacts(home.cloudFile, facts))
    // clouds.yaml says which cloud it is, and the console does not read that
    const digests = digestsOf(today, '', await readPolicyMark(home))
    return { digests: { ...digests, cloud: latestOf(records).cloud }, asked: stagesAskedBy(spec), file }
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** Changes whenever the file does. */
export async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? '-' : `${found.ino}:${found.mtimeMs}:${found.size}`
}
