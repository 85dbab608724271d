/** The result of `verify` as JSON and as JUnit. Pure: the same verification gives the same bytes. */
import { claimVerdicts } from './claims.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { scsVerdicts } from './scs.ts'
import type { Verification } from './attack.ts'

/** The documented contract of `-o json`. */
export function verificationJson(tenant: string, verification: Verification): unknown {
  const { results, findings, leftovers, milliseconds } = verification
  return {
    tenant,
    ok: results.every(({ ok }) => ok),
    milliseconds,
    results,
    findings,
    leftovers,
    scs: scsVerdicts(results),
    claims: claimVerdicts(results),
    packets: 'not shown',
  }
}

/** For CI servers: a suite for each family, an `error` for an inconclusive probe, a `failure` for a wrong result. */
export function renderJUnit(tenant: string, { results, milliseconds }: Verification): string {
  const suites = [...familiesOf(results)].map(([family, probes]) => {
    const count = (which: (probe: ProbeResult) => boolean): number => probes.filter(which).length
    const failures = count(({ ok, observed }) => !ok && observed !== 'unknown')
    const errors = count(({ observed }) => observed === 'unknown')
    return [
      `  <testsuite name="${xml(`${tenant}.${family}`)}" tests="${probes.length}" failures="${failures}" errors="${errors}">`,
      ...probes.map(testcase),
      '  </testsuite>',
    ].join('\n')
  })
  const seconds = (milliseconds / 1000).toFixed(3)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`tenant-onboard verify ${tenant}`)}" tests="${results.length}" time="${seconds}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function testcase(result: ProbeResult): string {
  const { id, family, claim, who, whom, ok, expected, observed, detail, requestIds } = result
  const open = `    <testcase classname="${xml(family)}" name="${xml(`${id}: ${claim}`)}"`
  const said = xml(
    `${who} tried it on ${whom}: expected ${expected}, observed ${observed}; ${detail}; ${requestIds.join(' ')}`,
  )
  if (ok) return `${open}>\n      <system-out>${said}</system-out>\n    </testcase>`
  const kind = observed === 'unknown' ? 'error' : 'failure'
  return `${open}>\n      <${kind} message="${xml(`expected ${expected}, observed ${observed}`)}">${said}</${kind}>\n    </testcase>`
}

function familiesOf(results: readonly ProbeResult[]): ReadonlyMap<string, readonly ProbeResult[]> {
  const families = new Map<string, ProbeResult[]>()
  for (const result of results) {
    const known = families.get(result.family)
    if (known === undefined) families.set(result.family, [result])
    else known.push(result)
  }
  return families
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 cannot express most control characters: they become spaces. */
function xml(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
