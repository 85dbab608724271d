import { success } from '../../success.ts'
import { InputError } from '../../errors.ts'
import { attach, prepareAttach } from '../../policy-delivery/attach.ts'
import type { Attached, AttachOptions, Prepared } from '../../policy-delivery/attach.ts'
import { explain } from '../../policy-delivery/explain.ts'
import { observeCloud } from '../../policy-delivery/observe-cloud.ts'
import { gateJson, renderGate } from '../../policy-delivery/render.ts'
import { isBlocked } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import { withLock } from '../../tenant/lock.ts'
import { markPolicyChange } from '../../tenant/policy-mark.ts'
import { isNotShown } from '../../policy-delivery/gate.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyAttachOptions } from '../definitions/policy.ts'
import { paint, print } from '../output.ts'
import { needCarrier, openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { loadPolicySubject, readPolicyText } from '../policy-subject.ts'
import { disturbanceWatch } from '../policy-watch.ts'
import { renderFindings } from '../views/plan.ts'
import { restoredJson, renderRestored } from './policy-rollback.ts'

/** Exit 3: refused before anything was done, or the gate failed and the earlier policy is back. */
export async function policyAttachCommand(
  file: string,
  options: PolicyAttachOptions,
  io: CommandContext,
): Promise<number> {
  if (options.base === undefined && options.release === undefined)
    throw new InputError(
      'name the base and release of this Keystone (`--base`, `--release`), because an override means something only there; `tenant-onboard policy advise` finds them',
    )
  const text = await readPolicyText(file, io)
  const subject = await loadPolicySubject(options, io)
  const delivery = await openDelivery(options, options.dryRun !== true, io)
  try {
    return await withLock(delivery.folder, { command: 'policy attach', pid: io.pid, clock: io }, async () => {
      const attachOptions = optionsFor(text, subject, delivery, options, io)
      const prepared = await prepareAttach(attachOptions)
      if (isBlocked(prepared.findings) || options.dryRun === true) return show(prepared, delivery, options, io)
      if (!(await isApproved(prepared, delivery, options, io))) return 0
      const watch = await disturbanceWatch(delivery)
      await markPolicyChange(delivery.folder)
      try {
        const attached = await attach(attachOptions, prepared)
        return await conclude({ attached, prepared, disturbed: await watch() }, delivery, options, io)
      } finally {
        // what was read in between may be of either policy
        await markPolicyChange(delivery.folder)
      }
    })
  } finally {
    await delivery.connection.close()
  }
}

function optionsFor(
  text: string,
  subject: AttachOptions['policyBase'],
  delivery: OpenDelivery,
  options: PolicyAttachOptions,
  io: CommandContext,
): AttachOptions {
  return {
    backend: needCarrier(delivery),
    record: delivery.record,
    text,
    policyBase: subject,
    managedRoles: delivery.managedRoles,
    magnumDomain: options.magnumDomain,
    observe: () => observeCloud(delivery.connection, io.now),
    gate: options.gate ? delivery.ask : undefined,
    now: io.now,
    note: (line) => {
      io.err(`${line}\n`)
    },
  }
}

/** Prints the plan and why it is not carried out. Changes nothing. */
function show(
  { findings, plan }: Prepared,
  { backend }: OpenDelivery,
  { output, dryRun }: PolicyAttachOptions,
  io: CommandContext,
): number {
  const isRefused = isBlocked(findings)
  const outcome = isRefused ? 'refused' : 'planned'
  print(io, output, { outcome, route: backend?.route ?? null, plan, findings }, () => {
    const steps = plan.map((step) => `  ${step}\n`).join('')
    const tail = isRefused
      ? `${paint(io, 'red', 'refused')}: nothing was changed\n`
      : `${dryRun === true ? 'a dry run' : ''}: nothing was changed\n`
    return `${renderFindings(io, findings)}${backend?.route ?? ''}\n${steps}${tail}`
  })
  return isRefused ? 3 : 0
}

async function isApproved(
  { findings, plan }: Prepared,
  { backend }: OpenDelivery,
  { yes }: PolicyAttachOptions,
  io: CommandContext,
): Promise<boolean> {
  io.err(`${renderFindings(io, findings)}${backend?.route ?? ''}\n${plan.map((step) => `  ${step}\n`).join('')}`)
  if (yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await io.confirm('attach it?')) return true
  io.err('nothing was changed\n')
  return false
}

type Conclusion = {
  readonly attached: Attached
  readonly prepared: Prepared
  readonly disturbed: readonly Finding[]
}

async function conclude(
  { attached: { outcome, gate, restored }, prepared, disturbed }: Conclusion,
  delivery: OpenDelivery,
  options: PolicyAttachOptions,
  io: CommandContext,
): Promise<number> {
  const backend = needCarrier(delivery)
  const standing = await backend.look()
  const explained =
    gate === undefined || outcome === 'restored'
      ? []
      : explain({
          standing,
          route: backend.route,
          attached: delivery.record.deliveries.findLast(({ route }) => route === backend.route)?.override,
          inspection: undefined,
          isInForce: true,
          isOk: gate.ok,
        })
  const findings = [...explained, ...disturbed]
  const document = {
    outcome,
    route: backend.route,
    plan: prepared.plan,
    gate: gate === undefined ? null : gateJson(gate),
    restored: restored === undefined ? null : restoredJson(restored),
    findings: [...prepared.findings, ...findings],
  }
  print(io, options.output, document, () => {
    const judged =
      gate === undefined ? '' : `${renderGate(gate, options.verbose === true)}${renderFindings(io, gate.findings)}`
    const back = restored === undefined ? '' : renderRestored(restored, io)
    return `${judged}${renderFindings(io, findings)}${back}${verdictOf(outcome, gate, io)}\n`
  })
  return outcome === 'attached' ? 0 : 3
}

function verdictOf(outcome: Attached['outcome'], gate: Attached['gate'], io: CommandContext): string {
  const failed = gate !== undefined && isNotShown(gate) ? 'not shown: questions stayed unanswered' : 'the gate failed'
  if (outcome === 'restored') return paint(io, 'red', `${failed}, and the earlier policy is back`)
  if (gate === undefined)
    return paint(io, 'yellow', 'delivered but not proved: `tenant-onboard policy gate` says whether it is in force')
  return paint(io, 'green', success['policy attach']())
}
