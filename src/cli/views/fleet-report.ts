import { success } from '../../success.ts'
import { attentionOf } from '../../fleet/attention.ts'
import type { Attention } from '../../fleet/attention.ts'
import { byName } from '../../fleet/folder.ts'
import type { TenantOutcome } from '../../fleet/outcome.ts'
import { countResults } from '../../fleet/tally.ts'
import type { Counts } from '../../fleet/tally.ts'
import { duration, renderCounts } from './fleet.ts'
import type { CommandContext } from '../context.ts'
import { paint, print, table, wrap } from '../output.ts'
import type { Format } from '../output.ts'

/** The output of `fleet plan` and `fleet apply`. docs/json.md has its format. */
export type FleetReport = {
  readonly folder: string
  readonly ok: boolean
  readonly tenants: number
  readonly counts: Counts
  readonly changes: number
  readonly requests: number
  readonly seconds: number
  readonly attention: readonly Attention[]
  readonly outcomes: readonly TenantOutcome[]
}

export function reportOf(folder: string, outcomes: readonly TenantOutcome[], seconds: number): FleetReport {
  const total = (field: 'changes' | 'requests'): number => outcomes.reduce((sum, one) => sum + one[field], 0)
  return {
    folder,
    ok: outcomes.every(({ exitCode }) => exitCode === 0),
    tenants: outcomes.length,
    counts: countResults(outcomes),
    changes: total('changes'),
    requests: total('requests'),
    seconds: Math.round(seconds * 10) / 10,
    attention: attentionOf(outcomes),
    outcomes: [...outcomes].sort((a, b) => byName(a.cloud, b.cloud) || byName(a.tenant, b.tenant)),
  }
}

/** The worst result of any tenant: a bug in us, a file, a refusal of the cloud, an unfinished run. */
export function exitCodeOfFleet(outcomes: readonly TenantOutcome[]): number {
  const bad = outcomes.map(({ exitCode }) => exitCode).filter((code) => code !== 0)
  return bad.reduce((worst, code) => Math.min(worst, code), bad[0] ?? 0)
}

export function printReport(io: CommandContext, format: Format, report: FleetReport, again: string): void {
  print(io, format, report, () => {
    const { tenants, counts, changes, requests, seconds, attention, ok } = report
    const head = success['fleet apply'](tenants, renderCounts(counts))
    const effort = `${changes} changes, ${requests} requests, ${duration(seconds)}`
    const rest = ok
      ? ''
      : `\n${paint(io, 'bold', 'Needs attention')}\n${attention.map((one) => renderAttention(io, one)).join('')}${again}\n`
    return `${renderPlanned(io, report.outcomes)}${paint(io, ok ? 'green' : 'yellow', head)} (${effort})\n${rest}`
  })
}

const listed = 20

/** Lists the first tenants with changes, so that a small fleet is shown whole. */
function renderPlanned(io: CommandContext, outcomes: readonly TenantOutcome[]): string {
  const planned = outcomes.filter(({ result }) => result === 'planned')
  const rows = planned
    .slice(0, listed)
    .map(({ cloud, tenant, changes, cidrs }) => [
      `${cloud}/${tenant}`,
      `${changes} to do`,
      Object.values(cidrs ?? {}).join(', '),
    ])
  const more = planned.length <= listed ? '' : `and ${planned.length - listed} more; -o json has all\n`
  return `${table(rows, io.columns)}${more}`
}

function renderAttention(io: CommandContext, { result, code, because, remedy, count, tenants }: Attention): string {
  const more = count > tenants.length ? `, and ${count - tenants.length} more` : ''
  const head = `${paint(io, 'red', `${count} ${result}`)}${code === undefined ? '' : ` ${code}`}`
  const body = [`${tenants.join(', ')}${more}`, because, ...(remedy === undefined ? [] : [`-> ${remedy}`])]
  return `${head}\n${body
    .flatMap((line) => wrap(line, io.columns - 2))
    .map((line) => `  ${line}\n`)
    .join('')}`
}
