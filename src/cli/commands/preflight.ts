import { hasErrors } from '../../finding.ts'
import type { Preflight } from '../../onboarding/preflight.ts'
import { prepare } from '../../onboarding/prepare.ts'
import { probePreflight } from '../../onboarding/probe.ts'
import { readEvidence } from '../../tenant/evidence.ts'
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
    // whether the tenant is absent or ours is a question that the plan answers
    const read = { ...preflight, findings: [...preflight.findings, ...(planned?.plan.findings ?? [])] }
    const result =
      options.probe === true
        ? await probe(read, loaded, cloud, io)
        : { checks: read.checks, findings: read.findings, proof: await lastProof(loaded, cloud) }
    print(io, options.output, { tenant: loaded.tenant.spec.tenant, ...result }, ({ checks, findings, proof }) => {
      const verdict = hasErrors(findings)
        ? paint(io, 'red', 'preflight says no')
        : paint(io, 'green', 'preflight says yes')
      return `${renderChecks(io, checks)}${renderFindings(io, findings)}${verdict}; whether the policy works here: ${proof}\n`
    })
    return hasErrors(result.findings) || result.checks.some((check) => !check.ok) ? 3 : 0
  } finally {
    await cloud.close()
  }
}

/** What the evidence says of the probes, for a preflight that only reads. */
async function lastProof(loaded: LoadedTenant, cloud: OpenCloud): Promise<string> {
  const status = statusOf(await readEvidence(loaded.home.evidence), cloud.digests).find(
    ({ stage }) => stage === 'preflight',
  )
  return status?.at === undefined ? 'unproved (--probe proves it)' : `${status.state} ${status.at}`
}

async function probe(read: Preflight, loaded: LoadedTenant, cloud: OpenCloud, io: CommandContext) {
  const { pid, stop, now, sleep } = io
  const work = { ...loaded, ...cloud, command: 'preflight --probe', pid, stop, now, sleep }
  const result = await probePreflight(read, work)
  return {
    checks: result?.checks ?? [],
    findings: result?.findings ?? [],
    proof: result?.ok === true ? 'proved just now' : 'it does not',
  }
}
