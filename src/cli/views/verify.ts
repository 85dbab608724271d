import { isBlocked } from '../../finding.ts'
import { success } from '../../success.ts'
import { claimVerdicts } from '../../isolation/claims.ts'
import type { ProbeResult } from '../../probes/claim.ts'
import { scsVerdicts } from '../../isolation/scs.ts'
import type { Verification } from '../../isolation/attack.ts'
import { headedTable, paint, table } from '../output.ts'
import type { Page } from '../output.ts'
import { renderFindings } from './plan.ts'

/** The output of `verify`: a line for each family, each probe that failed (or all), and the totals. */
export function renderVerification(io: Page, tenant: string, verification: Verification, isVerbose: boolean): string {
  const { results, findings } = verification
  const families = headedTable(['', 'family', 'as expected'], familyRows(io, results), io.columns)
  const shown = results.filter(({ ok, expected }) => isVerbose || !ok || expected === 'reported')
  const probes = headedTable(
    ['', 'probe', 'what it showed'],
    shown.map((probe) => probeRow(io, probe)),
    io.columns,
  )
  const parts = [families, probes, renderFindings(io, findings), sums(io, tenant, verification, isVerbose)]
  return parts.filter((part) => part !== '').join('\n')
}

function familyRows(io: Page, results: readonly ProbeResult[]): readonly (readonly string[])[] {
  return [...new Set(results.map(({ family }) => family))].map((family) => {
    const probes = results.filter((result) => result.family === family)
    const held = probes.filter(({ ok }) => ok).length
    return [verdict(io, held === probes.length), family, `${held} of ${probes.length}`]
  })
}

function probeRow(io: Page, { id, ok, expected, observed, claim, detail }: ProbeResult): readonly string[] {
  if (expected === 'reported') return ['seen', id, `${claim}: ${observed}: ${detail}`]
  return [
    verdict(io, ok),
    id,
    ok ? `${claim}: ${observed}` : `${claim}: expected ${expected}, observed ${observed}: ${detail}`,
  ]
}

function sums(
  io: Page,
  tenant: string,
  { results, findings, leftovers, milliseconds, unfinished }: Verification,
  isVerbose: boolean,
): string {
  const scs = scsVerdicts(results)
  const claims = claimVerdicts(results)
  const wrong = results.filter(({ ok }) => !ok).length
  const rows = [
    ['scs-0302', `${held(scs)} of ${scs.length} checks hold`],
    ['policy prove', `the probes confirm ${held(claims)} of ${claims.length} claims`],
    ...claims
      .filter(({ ok }) => isVerbose || !ok)
      .map(({ claim, probes, ok }) => ['', `${ok ? 'ok' : 'NO'} ${claim}: ${probes.length} probes`]),
    [
      'throwaways',
      leftovers.length === 0 ? 'all throwaway objects are removed' : `${leftovers.length} throwaway objects are left`,
    ],
  ]
  const tried = `${results.length} probes in ${(milliseconds / 1000).toFixed(1)} s`
  const answer =
    wrong > 0
      ? paint(io, 'red', `${tenant}: ${wrong} of ${results.length} probes failed`)
      : unfinished !== undefined
        ? paint(io, 'red', `${tenant}: verify ended early, and nothing was refuted until then`)
        : isBlocked(findings)
          ? paint(io, 'red', `${tenant}: the probes hold, but the findings above do not allow a yes`)
          : paint(io, 'green', success.verify(tenant))
  // no probe sends a packet from one tenant's network to another's
  return `${table(rows, io.columns)}${answer}, ${tried}; packets: not shown\n`
}

function held(verdicts: readonly { readonly ok: boolean }[]): number {
  return verdicts.filter(({ ok }) => ok).length
}

function verdict(io: Page, ok: boolean): string {
  return paint(io, ok ? 'green' : 'red', ok ? 'ok' : 'NO')
}
