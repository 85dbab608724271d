import { hasErrors } from '../../finding.ts'
import { changesOf } from '../../onboarding/plan.ts'
import { operatorCustody, prepare } from '../../onboarding/prepare.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import type { PlanOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { renderFindings, renderPlan } from '../views/plan.ts'

export async function planCommand(file: string, options: PlanOptions, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  await operatorCustody(loaded.home)
  const cloud = await openCloud(loaded, options, io)
  try {
    const { preflight, planned } = await prepare(
      loaded.tenant,
      cloud.operator,
      cloud.sessions,
      loaded.secrets,
      cloud.digests,
      {
        adopt: options.adopt === true,
        home: loaded.home,
        endpoint: cloud.endpoint,
        now: io.now,
      },
    )
    const plan = planned?.plan
    const findings = [...preflight.findings, ...(plan?.findings ?? [])]
    const result = {
      tenant: loaded.tenant.spec.tenant,
      digest: plan?.digest ?? null,
      steps: plan?.steps ?? [],
      later: plan?.deferred ?? [],
      findings,
    }
    print(io, options.output, result, () => {
      const shown = renderFindings(
        io,
        preflight.findings.filter((finding) => finding.severity !== 'info'),
      )
      return plan === undefined ? shown : `${shown}${renderPlan(io, plan)}`
    })
    const isSomething = plan === undefined || hasErrors(findings) || changesOf(plan).length > 0
    return options.exitCode === true && isSomething ? 3 : 0
  } finally {
    await cloud.close()
  }
}
