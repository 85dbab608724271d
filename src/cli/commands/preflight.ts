import { hasErrors } from '../../finding.ts'
import { applyPlan } from '../../onboarding/apply.ts'
import { prepare } from '../../onboarding/prepare.ts'
import { forgetProof, sharedProof } from '../../onboarding/shared-proof.ts'
import { preflightStage } from '../../onboarding/stages/preflight.ts'
import { ResolvedResources } from '../../onboarding/resource.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { statusOf } from '../../tenant/status.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import { paint, print } from '../output.ts'
import type { Format } from '../output.ts'
import { renderChecks, renderFindings } from '../views/plan.ts'

type Options = CloudOptions & { readonly probe?: true | undefined; readonly output: Format }

export async function preflightCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const cloud = await openCloud(loaded, options, io)
  try {
    const prepared = await prepare(loaded.tenant, cloud.operator, cloud.sessions, loaded.secrets, cloud.digests, {
      adopt: false,
      home: loaded.home,
      endpoint: cloud.endpoint,
      now: io.now,
    })
    const { preflight, planned } = prepared
    // the plan answers whether the tenant is absent or ours
    const read = { ...preflight, findings: [...preflight.findings, ...(planned?.plan.findings ?? [])] }
    const result =
      options.probe === true
        ? await probe(read, loaded, cloud, io)
        : { checks: read.checks, findings: read.findings, proof: await lastProof(loaded, cloud) }
    print(io, options.output, { tenant: loaded.tenant.spec.tenant, ...result }, ({ checks, findings, proof }) => {
      const verdict = hasErrors(findings)
        ? paint(io, 'red', 'preflight failed')
        : paint(io, 'green', 'preflight passed')
      return `${renderChecks(io, checks)}${renderFindings(io, findings)}${verdict}; policy of this cloud: ${proof}\n`
    })
    return hasErrors(result.findings) || result.checks.some((check) => !check.ok) ? 3 : 0
  } finally {
    await cloud.close()
  }
}

/** What the evidence says about the probes, for a preflight that only reads. */
async function lastProof(loaded: LoadedTenant, cloud: OpenCloud): Promise<string> {
  const status = statusOf(await readEvidence(loaded.home.evidence), cloud.digests).find(
    ({ stage }) => stage === 'preflight',
  )
  return status?.at === undefined ? 'not proved (--probe proves it)' : `${status.state} ${status.at}`
}

async function probe(
  read: Parameters<typeof preflightStage>[0],
  loaded: LoadedTenant,
  cloud: OpenCloud,
  io: CommandContext,
) {
  const lock = await acquireLock(loaded.home.path, `preflight --probe, pid ${io.pid}, since ${io.now().toISOString()}`)
  try {
    await makeHome(loaded.home)
    const evidence = await openEvidence(loaded.home.evidence, io.now)
    const { proof } = loaded.home
    await forgetProof(proof)
    const stage = { ...preflightStage(read, sharedProof(io.now, proof)), isProbing: false }
    const plan = { steps: [], deferred: [], findings: [], digest: '' }
    const [result] = await applyPlan(plan, {
      tenant: loaded.tenant,
      stages: [stage],
      known: new ResolvedResources(read.shared),
      sessions: cloud.sessions,
      secrets: loaded.secrets,
      evidence,
      digests: cloud.digests,
      wait: true,
      stop: io.stop,
      now: io.now,
      sleep: io.sleep,
      open: cloud.open,
      external: cloud.external,
      exchanges: cloud.exchanges,
      progress: () => undefined,
    })
    return {
      checks: result?.checks ?? [],
      findings: result?.findings ?? [],
      proof: result?.ok === true ? 'proved now' : 'does not work',
    }
  } finally {
    await lock.release()
  }
}
