/** The result of `verify` as JSON and as JUnit. Pure: the same verification gives the same bytes. */
import { oneLine } from '../visible.ts'
import { isBlocked, isBlocking } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { claimVerdicts } from './claims.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { scsVerdicts } from './scs.ts'
import type { Verification } from './attack.ts'

/** The documented contract of `-o json`. */
export function verificationJson(tenant: string, verification: Verification): unknown {
  const { results, findings, leftovers, milliseconds, unfinished } = verification
  return {
    tenant,
    ok: results.every(({ ok }) => ok) && !isBlocked(findings),
    milliseconds,
    results,
    findings,
    ...(unfinished === undefined ? {} : { unfinished }),
    leftovers,
    scs: scsVerdicts(results),
    claims: claimVerdicts(results),
    packets,
  }
}

/** No probe sends a packet from one tenant's network to another's. */
const packets = 'not shown'

/**
 * For CI servers: a suite for each family, an `error` for an inconclusive probe, a `failure` for a wrong result. The suite `findings`
 * has what no probe shows, and the one thing that is never shown, which is skipped: packets.
 */
export function renderJUnit(tenant: string, { results, findings, milliseconds }: Verification): string {
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
  const probed = new Set(results.flatMap(({ finding }) => finding?.code ?? []))
  const others = findings.filter((finding) => isBlocking(finding) && !probed.has(finding.code))
  const seconds = (milliseconds / 1000).toFixed(3)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`tenant-onboard verify ${tenant}`)}" tests="${results.length + others.length + 1}" time="${seconds}">`,
    ...suites,
    ...findingSuite(tenant, others),
    '</testsuites>',
    '',
  ].join('\n')
}

function findingSuite(tenant: string, findings: readonly Finding[]): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === 'unknown').length
  return [
    `  <testsuite name="${xml(`${tenant}.findings`)}" tests="${findings.length + 1}" failures="${findings.length - errors}" errors="${errors}" skipped="1">`,
    ...findings.map(({ code, severity, where, message, remedy = '' }) => {
      const kind = severity === 'unknown' ? 'error' : 'failure'
      const open = `    <testcase classname="findings" name="${xml(`${code}: ${where}`)}"`
      return `${open}>\n      <${kind} message="${xml(message)}">${xml(remedy)}</${kind}>\n    </testcase>`
    }),
    `    <testcase classname="findings" name="packets">\n      <skipped message="packets: ${packets}"/>\n    </testcase>`,
    '  </testsuite>',
  ]
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

/** XML 1.0 has no way to write most control characters, and none for U+FFFE and U+FFFF. */
function xml(text: string): string {
  return oneLine(text)
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
