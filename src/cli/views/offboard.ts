import type { Verdict } from '../../finding.ts'
import { oneLine } from '../../visible.ts'
import { success } from '../../success.ts'
import type { Absence } from '../../offboarding/absence.ts'
import type { FreezeProof } from '../../offboarding/frozen.ts'
import type { OffboardPlan } from '../../offboarding/plan.ts'
import type { OffboardProgress } from '../../offboarding/run.ts'
import type { CommandContext } from '../context.ts'
import { paint, table } from '../output.ts'
import { renderFindings } from './plan.ts'

export function renderOffboardPlan(io: CommandContext, { steps, findings }: OffboardPlan): string {
  const rows = steps.map(({ stage, action, actor, kind, name, because }) => [
    stage,
    action,
    actor,
    `${kind} ${name}${because === undefined ? '' : ` (${because})`}`,
  ])
  const going = steps.filter(({ action }) => action === 'delete')
  const by = new Map<string, number>()
  for (const { actor } of going) by.set(actor, (by.get(actor) ?? 0) + 1)
  const who = [...by].map(([actor, count]) => `${count} by ${actor}`).join(', ')
  const count = going.length === 0 ? 'nothing to delete' : `${going.length} to delete: ${who}`
  return `${renderFindings(io, findings)}${table(rows, io.columns)}${count}\n`
}

/** Prints a plain line for each event. */
export function offboardProgress(io: CommandContext): (event: OffboardProgress) => void {
  let waiting = ''
  return (event) => {
    switch (event.kind) {
      case 'stage':
        io.err(`${event.stage}: ${event.state}\n`)
        break
      case 'removed': {
        const { action, what, by } = event
        const why = by.because === undefined ? '' : ` (${by.because})`
        io.err(`  ${oneLine(`${action} ${what.kind} ${what.name} as ${by.actor}${why}`)}\n`)
        break
      }
      case 'waiting':
        if (event.because !== waiting) io.err(`${event.stage}: ${oneLine(event.because)}\n`)
        waiting = event.because
    }
  }
}

/** What was tried is told apart from what was only read. */
export function renderFreeze(
  io: CommandContext,
  tenant: string,
  { verdict, shut, disabled, tried, spared }: FreezeProof,
): string {
  const head = {
    shown: paint(io, 'green', success['offboard --until freeze'](tenant)),
    refuted: paint(io, 'red', `${tenant} is not frozen`),
    'not shown': paint(io, 'yellow', `not shown: the freeze of ${tenant}`),
  }[verdict]
  const lines = [
    ...(shut.length === 0 ? [] : [`disabled identity providers: ${shut.join(', ')}`]),
    ...(disabled.length === 0 ? [] : [`disabled accounts: ${disabled.join(', ')}`]),
    `tried, and refused: ${tried.length === 0 ? 'none, no secret of a disabled account is here' : tried.join(', ')}`,
    ...spared.map(({ name, because }) => `still enabled: ${name} (${because})`),
  ]
  return `${head}\n${lines.map((line) => `  ${oneLine(line)}\n`).join('')}`
}

export function renderAbsence(
  io: CommandContext,
  tenant: string,
  { checks, orphans, kept }: Absence,
  verdict: Verdict,
): string {
  const asked = `every service was checked again: ${checks.length} claims, ${orphans.length} orphans`
  if (verdict === 'refuted') return `${paint(io, 'red', `something of ${tenant} is left`)}; ${asked}\n`
  if (verdict === 'not shown')
    return `${paint(io, 'yellow', `not shown: whether something of ${tenant} is left`)}; ${asked}\n`
  if (kept.length === 0) return `${paint(io, 'green', success.offboard(tenant))}; ${asked}\n`
  const rows = kept.map(({ kind, name, id }) => [kind, name === id ? '' : name, id])
  return `${paint(io, 'green', success['offboard --keep-data'](tenant))}; ${asked}\n${table(rows, io.columns, '  ')}`
}
