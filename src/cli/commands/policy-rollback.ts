import { success } from '../../success.ts'
import { InputError } from '../../errors.ts'
import { settlePending } from '../../policy-delivery/pending.ts'
import { gateJson, inForceText, renderGate } from '../../policy-delivery/render.ts'
import { restore } from '../../policy-delivery/rollback.ts'
import type { Restored } from '../../policy-delivery/rollback.ts'
import { isBlocked } from '../../finding.ts'
import { withLock } from '../../tenant/lock.ts'
import { markPolicyChange } from '../../tenant/policy-mark.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyRollbackOptions } from '../definitions/policy.ts'
import { confirmOn } from '../cloud-question.ts'
import { paint, print } from '../output.ts'
import { restoredWithCommands, withCommands } from '../policy-commands.ts'
import { checkKeystone, keptFile, needCarrier, openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { disturbanceWatch } from '../policy-watch.ts'
import { renderFindings } from '../views/plan.ts'

/** Exit 3: the cloud does not answer as before. */
export async function policyRollbackCommand(options: PolicyRollbackOptions, io: CommandContext): Promise<number> {
  const delivery = await openDelivery(options, { isWriting: true }, io)
  try {
    await checkKeystone(delivery)
    return await withLock(delivery.folder, { command: 'policy rollback', pid: io.pid, clock: io }, async () => {
      await delivery.connection.keystone.remember()
      await markPolicyChange(delivery.root, delivery.cloud)
      try {
        return await rollBack(delivery, options, io)
      } finally {
        // what was read in between may be of either policy
        await markPolicyChange(delivery.root, delivery.cloud)
      }
    })
  } finally {
    await delivery.connection.close()
  }
}

async function rollBack(delivery: OpenDelivery, options: PolicyRollbackOptions, io: CommandContext): Promise<number> {
  const backend = needCarrier(delivery)
  const { record } = delivery
  const last = await settlePending(record, backend, await backend.look())
  if (last === undefined)
    throw new InputError(`nothing was attached from here by ${backend.route}, so there is nothing to roll back`)
  if (!(await isApproved(`restore what was there before ${last.at} (${backend.route})?`, delivery, options, io)))
    return 0
  const watch = await disturbanceWatch(delivery)
  const commands = { ...delivery.commands, file: await keptFile(delivery, last) }
  const restored = restoredWithCommands(
    await restore({ backend, record, gate: options.gate ? delivery.ask : undefined }, last),
    commands,
  )
  const disturbed = await watch()
  const findings = [...restored.findings, ...disturbed.map((one) => withCommands(one, commands))]
  print(io, options.output, { route: backend.route, ...restoredJson(restored), findings }, () => {
    return `${renderRestored({ ...restored, findings }, io)}${verdictOf({ ...restored, findings }, io)}\n`
  })
  return isBlocked(findings) ? 3 : 0
}

async function isApproved(
  question: string,
  { connection: { used } }: OpenDelivery,
  { yes }: PolicyRollbackOptions,
  io: CommandContext,
): Promise<boolean> {
  if (yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await confirmOn(used(), question, io)) return true
  io.err('nothing was changed\n')
  return false
}

export function restoredJson({ previous, isBack, gate, findings }: Restored): object {
  return { isBack, previous, gate: gate === undefined ? null : gateJson(gate), findings }
}

export function renderRestored({ gate, findings }: Restored, io: CommandContext): string {
  return `${gate === undefined ? '' : renderGate(gate, false)}${renderFindings(io, findings)}`
}

function verdictOf({ isBack, gate, previous, findings }: Restored, io: CommandContext): string {
  const isNone = previous.kind === 'none' || (previous.kind === 'charm' && !previous.isEnabled)
  const what = isNone ? 'no override' : 'the earlier override'
  if (!isBack) return paint(io, 'red', 'the earlier policy is not back')
  if (gate === undefined) return paint(io, 'yellow', `${what} is back; it was not checked what is in force`)
  const inForce = inForceText(gate.inForce)
  return gate.ok && !isBlocked(findings)
    ? paint(io, 'green', success['policy rollback'](what, inForce))
    : paint(io, 'red', `${what} is back, but the cloud does not answer as before; in force: ${inForce}`)
}
