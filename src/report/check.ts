import { InputError } from '../errors.ts'
import type { Digests, EvidenceRecord } from '../tenant/evidence.ts'
import { statusOf } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { formatOf, partsOf, readInputs, renderReport } from './format.ts'
import type { Inputs } from './inputs.ts'
import type { PolicyOnPaper } from './paper.ts'
import { reportOf } from './report.ts'

/**
 * Whether a report says what the evidence says. The report is made anew from the records that it names, byte by byte,
 * so every word in it is checked and not a digest that somebody could have replaced as well.
 */
export type ReportCheck = {
  /** It is ours, unchanged, and no stage has another state since. */
  readonly ok: boolean
  readonly madeAt: string
  readonly head?: string | undefined
  /** Whether the chain in the home has that record. */
  readonly isInChain: boolean
  readonly differences: readonly Difference[]
  /** Records that came after it. */
  readonly since: number
  /** Whether what it says of the policy was made anew as well: only with the same options. */
  readonly paper: 'none' | 'checked' | 'taken as it stands'
}

/** `part` is a section of the report: `stage network`, `access`. */
export type Difference = { readonly part: string; readonly because: string }

export type CheckSources = {
  readonly file: string
  readonly text: string
  readonly tenant: Tenant
  readonly records: readonly EvidenceRecord[]
  readonly today: Digests
  readonly version: string
  /** Made of the options of the check, when a policy was given with them. */
  readonly paper?: PolicyOnPaper | undefined
}

/** Throws InputError for a file that is no report. */
export function checkReport(sources: CheckSources): ReportCheck {
  const { file, tenant, records, today, version, paper } = sources
  // a mail or a checkout on Windows may have changed the ends of lines, which say nothing
  const text = sources.text.replaceAll('\r\n', '\n')
  const format = formatOf(text)
  const inputs = format === undefined ? undefined : readInputs(text, format)
  if (format === undefined || inputs === undefined)
    throw new InputError(`\`${file}\` is no report of tenant-onboard, or not a whole one`)
  const { madeAt, head, authUrl, digests, records: count } = inputs
  const before = records.slice(0, count)
  const isInChain = before.length === count && before.at(-1)?.hash === head
  const report = reportOf({
    tenant,
    authUrl,
    today: digests,
    file: inputs.file,
    records: isInChain ? before : records,
    madeAt,
    version,
    paper: paper ?? inputs.paper,
  })
  // what the file asked for then cannot be made anew from another file; that it is another one is said once
  const isSameFile = digests.spec === today.spec
  const expected = partsOf(renderReport(report, format), format)
  const differences = [
    ...foundations(inputs, sources, isInChain),
    ...differing(partsOf(text, format), expected).filter(({ part }) => isSameFile || !isOfFile(part)),
    ...changedSince(statusOf(before, digests), statusOf(records, today), isInChain),
  ]
  return {
    ok: differences.length === 0,
    madeAt,
    head,
    isInChain,
    differences,
    since: isInChain ? records.length - count : 0,
    paper: inputs.paper === undefined ? 'none' : paper === undefined ? 'taken as it stands' : 'checked',
  }
}

function isOfFile(part: string): boolean {
  return part === 'asked' || part === 'What was asked'
}

function foundations(inputs: Inputs, { version, today }: CheckSources, isInChain: boolean): readonly Difference[] {
  const { digests } = inputs
  return [
    ...(isInChain
      ? []
      : [{ part: 'evidence', because: 'the chain in this home has no such record as the head that the report names' }]),
    ...(inputs.version === version
      ? []
      : [
          {
            part: 'version',
            because: `it was made by ${inputs.version}, whose words this version (${version}) does not know; make it anew`,
          },
        ]),
    ...(digests.spec === today.spec
      ? []
      : [{ part: 'asked', because: 'the tenant file is not the one that the report is about' }]),
    ...(digests.cloud === today.cloud
      ? []
      : [{ part: 'asked', because: 'the cloud or its cloud.yaml is not what it was then' }]),
  ]
}

function differing(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): readonly Difference[] {
  const names = [...new Set([...expected.keys(), ...found.keys()])]
  return names.flatMap((part) => {
    if (found.get(part) === expected.get(part)) return []
    const because = !found.has(part)
      ? 'it is missing'
      : expected.has(part)
        ? 'it does not say what the evidence says'
        : 'the evidence knows nothing of it'
    return [{ part, because }]
  })
}

/** A report may be true of its day and overtaken since. */
function changedSince(
  then: readonly StageStatus[],
  now: readonly StageStatus[],
  isInChain: boolean,
): readonly Difference[] {
  if (!isInChain) return []
  return now.flatMap(({ stage, state }) => {
    const was = then.find((one) => one.stage === stage)?.state
    return was === state ? [] : [{ part: `stage ${stage}`, because: `it was ${was ?? 'unknown'}, and is ${state} now` }]
  })
}
