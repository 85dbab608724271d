import { randomBytes } from 'node:crypto'
import { probeCloud } from '../../isolation/cloud-probe.ts'
import type { ProbeResult } from '../../isolation/probe.ts'
import { StopError } from '../../errors.ts'
import type { Check } from '../../tenant/stage.ts'
import { managedRolesOf } from '../../tenant/tenant.ts'
import type { GateContext } from '../gate.ts'
import type { Preflight } from '../preflight.ts'
import type { Stage } from '../stage.ts'

/**
 * What was read before planning, and the proof that the policy, trusts and the certificate store work here: with
 * throwaway objects, before anything of the tenant is made.
 */
export function preflightStage(read: Preflight): Stage {
  return {
    name: 'preflight',
    resources: () => [],
    isProbing: true,
    gates: [
      {
        name: 'complete',
        async check(context) {
          context.record(read.checks, read.findings)
          await probe(context)
        },
      },
    ],
  }
}

async function probe({ tenant, sessions, open, clock, record }: GateContext): Promise<void> {
  const operator = await sessions.at({ actor: 'operator' })
  if (operator === undefined) throw new StopError('only an operator can probe the cloud')
  clock.note('probing persona, trusts and the certificate store with throwaway objects')
  const managedRoles = managedRolesOf(tenant)
  const { results, findings } = await probeCloud({ operator, open, managedRoles, random: randomBytes, now: clock.now })
  const accepted = new Set(tenant.facts.accepted_findings)
  record(
    results.map((result) => gateCheck(result, accepted)),
    findings.map((finding) => (accepted.has(finding.code) ? { ...finding, severity: 'warning' } : finding)),
  )
}

/** A gate falls by errors: what is a warning, or what the operator has taken upon itself, stands in the evidence as that. */
function gateCheck(result: ProbeResult, accepted: ReadonlySet<string>): Check {
  const check = checkOf(result)
  if (result.ok || result.finding === undefined) return check
  if (accepted.has(result.finding.code))
    return { ...check, ok: true, claim: `${check.claim} (does not hold; accepted in cloud.yaml)` }
  return result.finding.severity === 'error'
    ? check
    : { ...check, ok: true, claim: `${check.claim} (does not hold; a warning)` }
}

export function checkOf({
  claim,
  ok,
  who,
  whom,
  expected,
  observed,
  detail,
  actor,
  reach,
  requestIds,
}: ProbeResult): Check {
  return { claim, ok, value: { who, whom, expected, observed, detail }, actor, reach, requestIds }
}
