import { isBlocking, withAccepted } from '../../finding.ts'
import { randomBytes } from 'node:crypto'
import { probeCloud } from '../../probes/cloud-probe.ts'
import { credentialTrustId, selfTrustId } from '../../probes/delegation.ts'
import { probeTrusteeAdmin } from '../../probes/trustee-admin.ts'
import { findMaximumMicroversion } from '../../openstack/magnum/release.ts'
import { evidenceOf } from '../../probes/claim.ts'
import type { ProbeResult } from '../../probes/claim.ts'
import { StopError } from '../../errors.ts'
import { hasService } from '../../openstack/has-service.ts'
import { managedRolesOf } from '../../tenant/cloud-facts.ts'
import type { Check } from '../../tenant/stage.ts'
import { limitsClusters, wantsOf } from '../cloud-readings.ts'
import { creatorRule } from '../creator-rule.ts'
import type { GateContext, OpenProbe, Reading } from '../gate.ts'
import { checkOwnCertificates } from '../own-certificates.ts'
import type { Preflight } from '../preflight.ts'
import type { Stage } from '../stage.ts'

/**
 * What was read before planning, and the proof that the policy works here, by throwaway objects, before anything of the tenant is
 * made. A tenant with a cluster also needs trusts, the certificate store and a driver of Magnum.
 */
export function preflightStage(read: Preflight, prove: (context: GateContext) => Promise<void>): Stage {
  return {
    name: 'preflight',
    resources: () => [],
    isProbing: true,
    gates: [
      {
        name: 'complete',
        async check(context) {
          context.record(read.checks, read.findings)
          await prove(context)
          await checkOwnCertificates(context)
        },
      },
    ],
  }
}

export async function proveCloud(context: GateContext, open: OpenProbe): Promise<void> {
  const { tenant, known, sessions, clock, record } = context
  const operator = await sessions.at({ actor: 'operator' })
  if (operator === undefined) throw new StopError('only an operator can probe the cloud')
  const isClusterWanted = wantsOf(tenant).cluster
  clock.note(
    isClusterWanted
      ? 'probing persona, trusts and the certificate store with throwaway objects'
      : 'probing the persona with throwaway objects',
  )
  const managedRoles = managedRolesOf(tenant.facts)
  const { image: chosen, magnumDomain: domain, roles } = known.shared.choice
  // its absence is a finding of what was read
  const hasMagnum = await hasService(operator, 'container-infra')
  const [image, magnumDomain] = hasMagnum ? [chosen, domain] : []
  const asked = { actor: 'operator' } as const
  const [{ results: probed, findings: found }, admin, release] = await Promise.all([
    probeCloud({
      operator,
      open,
      managedRoles,
      isClusterWanted,
      limitsClusters: limitsClusters(tenant),
      image,
      roles,
      random: randomBytes,
      now: clock.now,
      runs: await context.probeRuns('cloud'),
    }),
    magnumDomain === undefined ? undefined : probeTrusteeAdmin({ operator, domain: magnumDomain, roles }),
    magnumDomain === undefined ? undefined : context.read(asked, findMaximumMicroversion),
  ])
  if (release !== undefined) claimCreatorRule(release, probed)
  const results = admin === undefined ? probed : [...probed, admin]
  const findings = admin?.finding === undefined ? found : [...found, admin.finding]
  const accepted = new Set(tenant.facts.accepted_findings)
  record(
    results.map((result) => gateCheck(result, accepted)),
    withAccepted(findings, accepted),
  )
}

/** Which account may ask for a cluster here, and how it must sign in. Our account satisfies every row of the table. */
function claimCreatorRule(release: Reading<number | undefined>, results: readonly ProbeResult[]): void {
  const observed = (id: string) => results.find((result) => result.id === id)?.observed
  const rule = creatorRule({
    microversion: release.value,
    byPassword: observed(selfTrustId),
    byCredential: observed(credentialTrustId),
  })
  // that it is refused has a finding of its own
  const isKnown = rule.trusts === 'never' || ['allowed', 'refused'].includes(observed(selfTrustId) ?? 'unknown')
  release.claim('it is known how the creator of a cluster must sign in', isKnown, rule)
}

/** Only errors fail a gate. A warning, or a finding that the operator has accepted, is in the evidence as such. */
function gateCheck(result: ProbeResult, accepted: ReadonlySet<string>): Check {
  const check = evidenceOf(result)
  if (result.ok || result.finding === undefined) return check
  if (accepted.has(result.finding.code))
    return { ...check, ok: true, claim: `${check.claim} (does not hold; accepted in cloud.yaml)` }
  return isBlocking(result.finding) ? check : { ...check, ok: true, claim: `${check.claim} (does not hold; a warning)` }
}
