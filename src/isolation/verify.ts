/** Attacks a tenant's isolation from all sides, and records what was seen. */
import { InputError, StopError } from '../errors.ts'
import { isBlocked, withAccepted } from '../finding.ts'
import { exposureOfDomain } from '../exposure/read.ts'
import type { Auth } from '../openstack/auth.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
import type { Session } from '../openstack/session.ts'
import { evidenceOf } from '../probes/claim.ts'
import { withSubstituteManager } from '../probes/throwaway/manager.ts'
import type { Random } from '../probes/throwaway/run.ts'
import type { TenantContext } from '../tenant/context.ts'
import { custodyOf } from '../tenant/custody.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { readEvidence, requestRecord } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import { openProbeRuns } from '../tenant/probe-runs.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { managedRolesOf } from '../tenant/cloud-facts.ts'
import { attack } from './attack.ts'
import type { AttackOptions, Verification } from './attack.ts'

export type VerifyOptions = TenantContext &
  LockHolder & {
    readonly operator: Session<'operator'>
    readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
    readonly random: Random
    /** Told before a throwaway domain stands in for a tenant that has held its own credentials since that time, ISO. */
    readonly onSubstitute: (since: string) => void
  }

/** Under the lock of the tenant. Throws `InputError` when it has no domain, `StopError` when its manager cannot sign in here. */
export function verify(options: VerifyOptions): Promise<Verification> {
  const { home } = options
  return withLock(home.path, options, async () => {
    await makeHome(home)
    return attackTenant(options)
  })
}

async function attackTenant(options: VerifyOptions): Promise<Verification> {
  const { tenant, home, operator, sessions, open, random, clock, onSubstitute } = options
  const { domain: name } = tenant.names
  const domain = await findDomain(operator, name)
  if (domain === undefined) throw new InputError(`there is no domain \`${name}\` yet; \`apply\` makes it`)
  const runs = await openProbeRuns(home, 'cloud', 'domain')
  const custody = custodyOf(await readEvidence(home.evidence))
  if (custody.kind === 'handed over') {
    onSubstitute(custody.at)
    return withSubstituteManager({ operator, open, random, now: clock.now, runs }, (substitute) =>
      attackAs(
        substitute.manager,
        { attacked: substitute.domainId, own: domain.id },
        { workers: [], runs: substitute.runs },
        options,
      ),
    )
  }
  const manager = await sessions.at({ actor: 'manager' })
  if (manager === undefined)
    throw new StopError('the domain manager cannot sign in here: its secret is not in the data directory')
  const [project] = tenant.projects
  const workers = await Promise.all([
    sessions.at({ actor: 'creator', project }),
    sessions.at({ actor: 'automation', project }),
  ])
  return attackAs(
    manager,
    { attacked: domain.id, own: domain.id },
    { workers: workers.filter((session) => session !== undefined), runs },
    options,
  )
}

async function attackAs(
  manager: Session<'manager'>,
  domains: { readonly attacked: string; readonly own: string },
  { workers, runs }: { readonly workers: AttackOptions['workers']; readonly runs: ProbeRuns },
  options: VerifyOptions,
): Promise<Verification> {
  const { tenant, operator, open, random, clock } = options
  const started = clock.now().getTime()
  const attacked = await attack({
    operator,
    manager,
    workers,
    tenant: { name: tenant.spec.tenant, domainId: domains.attacked },
    open,
    managedRoles: managedRolesOf(tenant.facts),
    random,
    now: clock.now,
    runs,
    stop: clock.stop,
  })
  // after the throwaways are gone, and also where another domain stands in for the tenant's
  const exposure = await exposureOfDomain(operator, { id: domains.own, name: tenant.names.domain })
  const findings = [...attacked.findings, ...withAccepted(exposure, tenant.facts.accepted_findings ?? [])]
  const verification = { ...attacked, findings, milliseconds: clock.now().getTime() - started }
  await record(options, verification)
  return verification
}

async function record(options: VerifyOptions, verification: Verification): Promise<void> {
  const { digests, exchanges } = options
  const { results, findings, milliseconds } = verification
  const evidence = await openRunEvidence(options, options.command)
  await evidence.append({
    kind: 'gate',
    stage: 'isolation',
    gate: 'complete',
    ok: !isBlocked(findings),
    digests,
    checks: results.map(evidenceOf),
    findings,
    serverTime: exchanges.findLast(({ date }) => date !== undefined)?.date,
    milliseconds,
    requests: exchanges.map(requestRecord),
  })
}
