import { InputError } from '../errors.ts'
import type { Digests, EvidenceRecord } from '../tenant/evidence.ts'
import { stagesAskedBy } from '../tenant/stage.ts'
import { statusOf } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { formatOf, partsOf, readInputs, renderReport } from './format.ts'
import type { Inputs } from './inputs.ts'
import type { PolicyOnPaper } from './paper.ts'
import { reportOf } from './report.ts'

/**
 * Does a report agree with the evidence? The report is made again from the records that it names, and compared byte by
 * byte. So every word in it is checked, not a digest that could have been replaced as well.
 */
export type ReportCheck = {
  /** It is ours, unchanged, and no stage has another state since. */
  readonly ok: boolean
  readonly madeAt: string
  readonly head?: string | undefined
  /** True if the chain in the data directory has that record. */
  readonly isInChain: boolean
  readonly differences: readonly Difference[]
  /** Records that came after it. */
  readonly since: number
  /** Was its part about the policy made again as well? Only with the same options. */
  readonly paper: 'none' | 'checked' | 'not checked'
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
  /** Made with the options of the check, if they had a policy. */
  readonly paper?: PolicyOnPaper | undefined
}

/** Throws InputError for a file that is not a report. */
export function checkReport(sources: CheckSources): ReportCheck {
  const { file, tenant, records, today, version, paper } = sources
  // a mail or a checkout on Windows may have changed the line ends, which mean nothing
  const text = sources.text.replaceAll('\r\n', '\n')
  const format = formatOf(text)
  const inputs = format === undefined ? undefined : readInputs(text, format)
  if (format === undefined || inputs === undefined)
    throw new InputError(`\`${file}\` is not a report of tenant-onboard, or not a complete one`)
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
  // the part about the tenant file cannot be made again from another file; that it is another one is reported once
  const isSameFile = digests.spec === today.spec
  const expected = partsOf(renderReport(report, format), format)
  const asked = stagesAskedBy(tenant.spec)
  const differences = [
    ...foundations(inputs, sources, isInChain),
    ...differing(partsOf(text, format), expected).filter(({ part }) => isSameFile || !isOfFile(part)),
    ...changedSince(statusOf(before, digests, asked), statusOf(records, today, asked), isInChain),
  ]
  return {
    ok: differences.length === 0,
    madeAt,
    head,
    isInChain,
    differences,
    since: isInChain ? records.length - count : 0,
    paper: inputs.paper === undefined ? 'none' : paper === undefined ? 'not checked' : 'checked',
  }
}

function isOfFile(part: string): boolean {
  return part === 'asked' || part === 'Specification'
}

function foundations(inputs: Inputs, { version, today }: CheckSources, isInChain: boolean): readonly Difference[] {
  const { digests } = inputs
  return [
    ...(isInChain
      ? []
      : [
          {
            part: 'evidence',
            because: 'the chain in this data directory does not have the head that the report names',
          },
        ]),
    ...(inputs.version === version
      ? []
      : [
          {
            part: 'version',
            because: `it was made by ${inputs.version}, whose texts this version (${version}) does not have; make it again`,
          },
        ]),
    ...(digests.spec === today.spec ? [] : [{ part: 'asked', because: 'the tenant file is not that of the report' }]),
    ...(digests.cloud === today.cloud
      ? []
      : [{ part: 'asked', because: 'the cloud or its cloud.yaml has changed since' }]),
  ]
}

function differing(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): readonly Difference[] {
  const names = [...new Set([...expected.keys(), ...found.keys()])]
  return names.flatMap((part) => {
    if (found.get(part) === expected.get(part)) return []
    const because = !found.has(part)
      ? 'it is missing'
      : expected.has(part)
        ? 'it differs from the evidence'
        : 'the evidence does not have it'
    return [{ part, because }]
  })
}

/** A report may be correct for its day and outdated now. */
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
