import { isBlocked } from '../../finding.ts'
import { changesOf } from '../../onboarding/plan.ts'
import { prepare } from '../../onboarding/prepare.ts'
import { openOnboarding } from '../onboarding-command.ts'
import type { CommandContext } from '../context.ts'
import type { PlanOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { renderCloud, renderFindings, renderPlan } from '../views/plan.ts'

export async function planCommand(file: string, options: PlanOptions, io: CommandContext): Promise<number> {
  const run = { adopt: options.adopt === true, enable: options.enable, wait: true }
  const context = await openOnboarding(file, { ...options, run }, io)
  try {
    const { preflight, planned, findings } = await prepare(context)
    const plan = planned?.plan
    const result = {
      tenant: context.tenant.spec.tenant,
      cloud: context.used(),
      digest: plan?.digest ?? null,
      steps: plan?.steps ?? [],
      later: plan?.deferred ?? [],
      findings,
    }
    print(io, options.output, result, () => {
      const shown = renderFindings(
        io,
        (plan === undefined ? findings : preflight.findings).filter((finding) => finding.severity !== 'info'),
      )
      return plan === undefined
        ? `${renderCloud(io, result.cloud)}${shown}`
        : `${shown}${renderPlan(io, plan, result.cloud)}`
    })
    if (plan === undefined || isBlocked(findings)) return 3
    return options.exitCode === true && changesOf(plan).length > 0 ? 3 : 0
  } finally {
    await context.close()
  }
}
