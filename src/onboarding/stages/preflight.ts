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
  record(results.map(checkOf), findings)
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
