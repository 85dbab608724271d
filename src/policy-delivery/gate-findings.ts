import type { Finding } from '../finding.ts'
import { personaMissing } from '../probes/persona.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { hasFix, renderRelease } from '../policy/releases/release.ts'
import type { PolicyBase } from './base-config.ts'
import { someCells } from './observe.ts'
import { withFixes } from './shown-fixes.ts'
import type { ShownFixes } from './shown-fixes.ts'
import type { Observation } from './observe.ts'
import type { InForce } from './in-force.ts'
import type { Units } from './units.ts'

/** What all answers together say about the override. */
export function verdictFindings(
  override: string | undefined,
  inForce: InForce,
  units: Units | undefined,
  results: readonly ProbeResult[],
): readonly Finding[] {
  const findings: Finding[] = []
  if (units?.verdict === 'mixed') {
    const [first] = units.split
    findings.push({
      code: 'delivery/mixed',
      severity: 'error',
      where: 'keystone',
      message: `the units behind this address disagree: ${first === undefined ? '' : `${first.cell} was allowed ${first.allow} and refused ${first.deny} times`}, on ${units.connections} connections`,
      remedy: 'deliver the override to every unit; `tenant-onboard policy gate` shows when they agree',
      owner: 'operator',
    })
  }
  if (override === undefined) return findings
  const isMissing = inForce.verdict === 'unknown' && results.some(({ finding }) => finding === personaMissing)
  if (inForce.verdict === 'base' || inForce.verdict === 'previous' || isMissing) {
    findings.push({
      code: 'delivery/not-in-force',
      severity: 'error',
      where: 'keystone',
      message: `the override is not in force: Keystone answers as ${inForce.verdict === 'previous' ? 'with the earlier override' : 'with its base alone'}`,
      remedy: '`tenant-onboard policy gate` shows the state of the delivery',
      owner: 'operator',
    })
  }
  if (inForce.strange.length > 0) {
    findings.push({
      code: 'delivery/unlike',
      severity: 'warning',
      where: 'keystone',
      message: `${inForce.strange.length} of ${inForce.compared} answers do not match these rules over this base: ${strangeOnes(inForce)}`,
      remedy: 'identify this Keystone with `tenant-onboard policy advise`, and name it with `--base` and `--release`',
      owner: 'operator',
    })
  }
  return findings
}

/** Asked twice by then (observe.ts). What was not answered was not compared. */
export function unansweredFindings(observed: readonly Observation[]): readonly Finding[] {
  const unanswered = observed.filter(({ answer }) => answer === 'unknown')
  if (unanswered.length === 0) return []
  return [
    {
      code: 'delivery/unanswered',
      severity: 'unknown',
      where: 'keystone',
      message: `${unanswered.length} of ${observed.length} questions had no answer, asked twice: ${someCells(unanswered)}`,
      remedy: 'run `tenant-onboard policy gate` when Keystone answers; on a slow cloud with a longer `--api-timeout`',
      owner: 'operator',
    },
  ]
}

function strangeOnes({ strange }: InForce): string {
  const some = strange.slice(0, 3).map(({ persona, operation, place, answer }) => {
    return `${persona} ${operation} at ${place} (${answer === 'allow' ? 'allowed' : 'refused'})`
  })
  return some.join('; ')
}

/**
 * The override was checked for a Keystone with other fixes: rules read keys that one fix moves, and without another no
 * rule is asked. What nothing showed is not compared.
 */
export function releaseFindings(policyBase: PolicyBase | undefined, shown: ShownFixes): readonly Finding[] {
  if (policyBase === undefined) return []
  const { release } = policyBase.keystone
  const lacking = withFixes(shown, false).filter((fix) => hasFix(release, fix))
  const added = withFixes(shown, true).filter((fix) => !hasFix(release, fix))
  if (lacking.length === 0 && added.length === 0) return []
  const seen = [
    ...(lacking.length === 0 ? [] : [`lacks ${lacking.join(', ')}`]),
    ...(added.length === 0 ? [] : [`has ${added.join(', ')} as well`]),
  ]
  return [
    {
      code: 'delivery/release-differs',
      severity: lacking.length > 0 ? 'error' : 'warning',
      where: 'keystone',
      message: `this Keystone ${seen.join(', and ')}; the override was checked for ${renderRelease(release)}`,
      remedy:
        '`tenant-onboard policy advise` says what this Keystone is; build the override for it, and attach that one',
      owner: 'operator',
    },
  ]
}
