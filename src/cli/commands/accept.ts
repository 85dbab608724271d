import { resolve } from 'node:path'
import { accept } from '../../self-service/accept.ts'
import type { Accepted } from '../../self-service/accept.ts'
import type { TenantSide } from '../../self-service/tenant-side.ts'
import { InputError, invariant } from '../../errors.ts'
import { changesOf } from '../../onboarding/plan.ts'
import type { Plan } from '../../onboarding/plan.ts'
import { stageNames } from '../../tenant/stage.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { confirmOn } from '../cloud-question.ts'
import { loadTenantAlone } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import type { AcceptOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { progressView } from '../views/progress.ts'
import { renderAccepted } from '../views/accept.ts'
import { renderFindings, renderPlan } from '../views/plan.ts'
import { openTenantSide } from '../tenant-side.ts'

/** Carries out the tenant's side from the handover and the tenant file alone. Reads no other file of this machine. */
export async function acceptCommand(
  handover: string,
  file: string,
  options: AcceptOptions,
  io: CommandContext,
): Promise<number> {
  const loaded = await loadTenantAlone(file, options, io)
  let side: TenantSide | undefined
  const accepted = await accept({
    ...loaded,
    handover: resolve(io.cwd, handover),
    identity: options.identity === undefined ? undefined : resolve(io.cwd, options.identity),
    connect: async (files) => (side = await openTenantSide(loaded, files, options, io)),
    options: { adopt: options.adopt === true, enable: options.enable, wait: options.wait },
    approve: (plan) => {
      invariant(side, 'a plan was made of a cloud')
      return isApproved(plan, side.used(), options, io)
    },
    watch: () => progressView(io, stageNames),
    command: 'accept',
    pid: io.pid,
    clock: io,
  })
  return report(loaded, accepted, options, io)
}

async function isApproved(plan: Plan, used: UsedCloud, options: AcceptOptions, io: CommandContext): Promise<boolean> {
  const isNothing = changesOf(plan).length === 0
  if (!isNothing || options.output === 'text') io.err(renderPlan(io, plan, used))
  if (isNothing || options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await confirmOn(used, 'carry out this plan?', io)) return true
  io.err('nothing else was changed\n')
  return false
}

function report(
  { tenant, home }: LoadedTenant,
  accepted: Accepted,
  options: AcceptOptions,
  io: CommandContext,
): number {
  switch (accepted.kind) {
    case 'declined':
      return 0
    case 'refused': {
      const findings = [accepted.finding]
      const result = { tenant: tenant.spec.tenant, ok: false, findings }
      print(io, options.output, result, () => renderFindings(io, findings))
      return 3
    }
    case 'carried out': {
      const { sha256, operatorHead = null, outcome } = accepted
      const { ok, changed, stages, identities, findings } = outcome
      const result = {
        tenant: tenant.spec.tenant,
        ok,
        handover: { sha256, operatorHead },
        identities,
        changed,
        stages: stages.map(({ withoutOperator: _, ...stage }) => stage),
        withoutOperator: stages.flatMap(({ stage, withoutOperator = [] }) =>
          withoutOperator.map((point) => ({ stage, ...point })),
        ),
        findings: [...findings, ...stages.flatMap((stage) => stage.findings)],
        evidence: home.evidence,
      }
      print(io, options.output, result, () => renderAccepted(result, outcome, io))
      return ok ? 0 : 3
    }
  }
}
