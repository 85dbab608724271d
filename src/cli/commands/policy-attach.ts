import { success } from '../../success.ts'
import { InputError } from '../../errors.ts'
import { attach, prepareAttach } from '../../policy-delivery/attach.ts'
import type { Attached, AttachOptions, Prepared } from '../../policy-delivery/attach.ts'
import { explain } from '../../policy-delivery/explain.ts'
import { observeCloud } from '../../policy-delivery/observe-cloud.ts'
import { gateJson, renderGate } from '../../policy-delivery/render.ts'
import { readRoleInferences } from '../../policy-delivery/role-inferences.ts'
import { isBlocked } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import { withLock } from '../../tenant/lock.ts'
import { markPolicyChange } from '../../tenant/policy-mark.ts'
import { isNotShown } from '../../policy-delivery/gate.ts'
import type { CommandContext } from '../context.ts'
import { withBuiltFor } from '../built-for.ts'
import type { PolicyAttachOptions } from '../definitions/policy.ts'
import { paint, print } from '../output.ts'
import { completed, gateWithCommands, restoredWithCommands, typedOptions, withCommands } from '../policy-commands.ts'
import type { PolicyCommands } from '../policy-commands.ts'
import { checkKeystone, needCarrier, openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { confirmOn } from '../cloud-question.ts'
import { loadPolicySubject, readPolicyText } from '../policy-subject.ts'
import { disturbanceWatch } from '../policy-watch.ts'
import { renderCloud, renderFindings } from '../views/plan.ts'
import { restoredJson, renderRestored } from './policy-rollback.ts'

/** Exit 3: refused before anything was done, or the gate failed and the earlier policy is back. */
export async function policyAttachCommand(
  file: string,
  options: PolicyAttachOptions,
  io: CommandContext,
): Promise<number> {
  const text = await readPolicyText(file, io)
  const ground = withBuiltFor(options, [text])
  if (ground.base === undefined && ground.release === undefined)
    throw new InputError(
      completed(
        'name the base and release of this Keystone (`--base`, `--release`): the file does not say what it was built for, and an override means something only there; `tenant-onboard policy advise` finds them',
        typedOptions(options),
      ),
    )
  const subject = await loadPolicySubject(ground, io)
  const delivery = await openDelivery(options, { isWriting: options.dryRun !== true, text }, io)
  const { managedRoles, magnumDomain } = delivery
  const builtFor = { release: subject.keystone.release, base: subject.base, managedRoles, magnumDomain }
  const commands = { ...delivery.commands, file: { path: file, text }, builtFor }
  try {
    await checkKeystone(delivery)
    return await withLock(delivery.folder, { command: 'policy attach', pid: io.pid, clock: io }, async () => {
      const attachOptions = optionsFor(text, subject, delivery, options, io)
      const prepared = completeFindings(await prepareAttach(attachOptions), commands)
      if (isBlocked(prepared.findings) || options.dryRun === true) return show(prepared, delivery, options, io)
      if (!(await isApproved(prepared, delivery, options, io))) return 0
      const watch = await disturbanceWatch(delivery)
      await delivery.connection.keystone.remember()
      await markPolicyChange(delivery.root, delivery.cloud)
      try {
        const attached = await attach(attachOptions, prepared)
        return await conclude({ attached, prepared, disturbed: await watch(), commands }, delivery, options, io)
      } finally {
        // what was read in between may be of either policy
        await markPolicyChange(delivery.root, delivery.cloud)
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
    magnumDomain: delivery.magnumDomain,
    readInferences: () =>
      readRoleInferences(delivery.connection.operator, {
        managedRoles: delivery.managedRoles,
        accepted: delivery.facts.accepted_findings ?? [],
        // without a gate nothing is proved here, and a Keystone that refuses its admin can be repaired
        unread: options.gate ? 'unknown' : 'warning',
      }),
    observe: () => delivery.probing((runs) => observeCloud(delivery.connection, io.now, runs)),
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
  { backend, connection: { used } }: OpenDelivery,
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
    return `${renderCloud(io, used())}${renderFindings(io, findings)}${backend?.route ?? ''}\n${steps}${tail}`
  })
  return isRefused ? 3 : 0
}

async function isApproved(
  { findings, plan }: Prepared,
  { backend, connection: { used } }: OpenDelivery,
  { yes }: PolicyAttachOptions,
  io: CommandContext,
): Promise<boolean> {
  io.err(
    `${renderCloud(io, used())}${renderFindings(io, findings)}${backend?.route ?? ''}\n${plan.map((step) => `  ${step}\n`).join('')}`,
  )
  if (yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await confirmOn(used(), 'attach it?', io)) return true
  io.err('nothing was changed\n')
  return false
}

function completeFindings(prepared: Prepared, commands: PolicyCommands): Prepared {
  return { ...prepared, findings: prepared.findings.map((one) => withCommands(one, commands)) }
}

type Conclusion = {
  readonly attached: Attached
  readonly prepared: Prepared
  readonly disturbed: readonly Finding[]
  readonly commands: PolicyCommands
}

async function conclude(
  { attached, prepared, disturbed, commands }: Conclusion,
  delivery: OpenDelivery,
  options: PolicyAttachOptions,
  io: CommandContext,
): Promise<number> {
  const { outcome } = attached
  const gate = attached.gate && gateWithCommands(attached.gate, commands)
  const restored = attached.restored && restoredWithCommands(attached.restored, commands)
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
  const findings = [...explained, ...disturbed].map((one) => withCommands(one, commands))
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
    return `${judged}${renderFindings(io, findings)}${back}${verdictOf(attached, commands, io)}\n`
  })
  return outcome === 'attached' ? 0 : 3
}

function verdictOf({ outcome, gate }: Attached, commands: PolicyCommands, io: CommandContext): string {
  const failed = gate !== undefined && isNotShown(gate) ? 'not shown: questions stayed unanswered' : 'the gate failed'
  if (outcome === 'restored') return paint(io, 'red', `${failed}, and the earlier policy is back`)
  if (gate === undefined)
    return paint(
      io,
      'yellow',
      completed('delivered but not proved: `tenant-onboard policy gate` says whether it is in force', commands),
    )
  return paint(io, 'green', success['policy attach']())
}
