import { oneLine } from '../../visible.ts'
import { logUpdateStderr } from 'log-update'
import type { FleetWatch } from '../../fleet/run.ts'
import type { TenantOutcome } from '../../fleet/outcome.ts'
import type { StateFile } from '../../fleet/state-file.ts'
import type { CloudTally, Counts, Standings, Tally } from '../../fleet/tally.ts'
import type { CommandContext } from '../context.ts'
import { forTerminal, paint, table } from '../output.ts'

/*
 * Progress of a fleet: counters with a rate, not a line for each of a thousand tenants. Live on a terminal. Elsewhere a
 * line now and then, and one at once for a tenant that needs attention.
 */

export type FleetView = FleetWatch & { readonly end: (isWhole: boolean) => Promise<void> }

const liveEveryMs = 250
const plainEveryMs = 10_000

export function fleetView(io: CommandContext, tally: Tally, file: StateFile | undefined): FleetView {
  const isLive = io.isTerminal && io.hasColor
  let wanting = 0
  let shown = 0
  const show = (): void => {
    const standings = tally.standings()
    // write the state file once a second
    if (shown++ % 4 === 0) file?.update(standings)
    if (isLive) logUpdateStderr(forTerminal(renderStandings(io, standings).trimEnd()))
  }
  let shownAt = io.now().getTime()
  const live = setInterval(show, liveEveryMs)
  live.unref()
  const plain = (): void => {
    if (isLive || io.now().getTime() - shownAt < plainEveryMs) return
    shownAt = io.now().getTime()
    io.err(`${renderLine(tally.standings())}\n`)
  }
  return {
    begun: (subject) => {
      tally.begun(subject)
    },
    reached: (subject, stage) => {
      tally.reached(subject, stage)
    },
    ended: (outcome) => {
      tally.ended(outcome)
      file?.note(outcome)
      if (outcome.exitCode !== 0 && ++wanting <= 20) tell(io, isLive, outcome)
      plain()
    },
    async end(isWhole) {
      clearInterval(live)
      const standings = tally.standings()
      if (isLive) logUpdateStderr.clear()
      else io.err(`${renderLine(standings)}\n`)
      await file?.end(standings, isWhole ? 'ended' : 'stopped')
    },
  }
}

/** Prints the first few at once. The summary has all of them. */
function tell(io: CommandContext, isLive: boolean, { cloud, tenant, result, because }: TenantOutcome): void {
  if (isLive) logUpdateStderr.clear()
  io.err(`${cloud}/${tenant}: ${result}${because === undefined ? '' : `: ${oneLine(because)}`}\n`)
}

function renderStandings(io: CommandContext, standings: Standings): string {
  const rows = standings.clouds.map((one) => [
    one.cloud,
    `${one.tenants - one.waiting - one.running}/${one.tenants}`,
    told(one),
  ])
  const busy = standings.running.map(({ tenant, stage }) => (stage === undefined ? tenant : `${tenant} (${stage})`))
  const under = busy.length === 0 ? '' : `${busy.join(', ').slice(0, io.columns - 1)}\n`
  return `${paint(io, 'bold', renderLine(standings))}\n${table(rows, io.columns, '  ')}${paint(io, 'dim', under)}`
}

function renderLine({ ended, tenants, counts, perMinute, secondsLeft }: Standings): string {
  const pace = perMinute === undefined ? '' : `; ${perMinute} a minute`
  const left = secondsLeft === undefined || ended === tenants ? '' : `, ${duration(secondsLeft)} left`
  return `${ended} of ${tenants}: ${renderCounts(counts)}${pace}${left}`
}

function told(cloud: CloudTally): string {
  return [renderCounts(cloud), `${cloud.running} under way`, `${cloud.waiting} waiting`].join(', ')
}

export function renderCounts({ planned, done, unchanged, held, refused, failed, stopped }: Counts): string {
  const parts = [
    [planned, 'with something to do'],
    [done, 'done'],
    [unchanged, 'unchanged'],
    [held, 'held by the tenant'],
    [refused, 'refused'],
    [failed, 'failed'],
    [stopped, 'stopped'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return told.length === 0 ? 'none ended yet' : told.join(', ')
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  return seconds < 90 * 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`
}
