import { InputError, invariant } from '../../errors.ts'
import { handover } from '../../handover/handover.ts'
import type { HandedOver, Sealing } from '../../handover/handover.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import type { CommandContext } from '../context.ts'
import type { HandoverOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { lookAtDashboard } from '../../probes/dashboard.ts'
import { dashboardOf } from '../dashboard.ts'
import { confirmOn } from '../cloud-question.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { OpenCloud } from '../tenant-command.ts'
import { renderDelivery } from '../views/handover.ts'
import { renderCloud, renderFindings } from '../views/plan.ts'

/**
 * Gives the tenant its domain manager, once: files that any client can use, sealed if the tenant file names a
 * recipient.
 */
export async function handoverCommand(file: string, options: HandoverOptions, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  let cloud: OpenCloud | undefined
  const handed = await handover({
    ...loaded,
    connect: async () => (cloud = await openCloud(loaded, options, io)),
    look: (account) => {
      invariant(cloud, 'an account signs in somewhere')
      return lookAtDashboard(dashboardOf(cloud, options, io), account)
    },
    again: options.again === true,
    approve: (sealing) => {
      invariant(cloud, 'what is sealed signs in somewhere')
      return isApproved(cloud, sealing, options, io)
    },
    command: 'handover',
    pid: io.pid,
    clock: io,
  })
  return report(loaded, handed, options, io)
}

async function isApproved(
  { tenant, home, used }: OpenCloud,
  { recipient, files, readable }: Sealing,
  options: HandoverOptions,
  io: CommandContext,
): Promise<boolean> {
  io.err(
    `${renderCloud(io, used())}seals ${files.join(', ')}\n  to ${recipient}\nand then removes ${readable.join(', ')}\n  from ${home.path}: after that, no account of ${tenant.spec.tenant} can sign in from here\n`,
  )
  if (options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await confirmOn(used(), 'hand it over?', io)) return true
  io.err('nothing was changed\n')
  return false
}

function report({ tenant }: LoadedTenant, handed: HandedOver, options: HandoverOptions, io: CommandContext): number {
  switch (handed.kind) {
    case 'declined':
      return 0
    case 'refused': {
      const findings = [handed.finding]
      print(io, options.output, { ok: false, findings }, () => renderFindings(io, findings))
      return 3
    }
    case 'delivered': {
      const { delivery, path, refusal, kept, warnings } = handed
      if (kept.length > 0)
        io.err(`not in the handover, so not removed; move or remove it yourself: ${kept.join(', ')}\n`)
      const name = tenant.spec.tenant
      const { at, recipient, sha256, files } = delivery
      const findings = [...(refusal === undefined ? [] : [refusal]), ...warnings]
      const ok = refusal === undefined
      print(
        io,
        options.output,
        { tenant: name, ok, at, recipient, sha256, path, files, findings },
        () => `${renderFindings(io, findings)}${renderDelivery(name, delivery, path)}`,
      )
      return ok ? 0 : 3
    }
  }
}
