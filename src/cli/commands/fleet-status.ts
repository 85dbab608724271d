import { InputError } from '../../errors.ts'
import { readState, statePath } from '../../fleet/state-file.ts'
import type { FleetState } from '../../fleet/state-file.ts'
import { fleetStatus } from '../../fleet/status.ts'
import type { MemberStatus } from '../../fleet/status.ts'
import { loadOperator } from '../connection.ts'
import { duration, renderCounts } from '../views/fleet.ts'
import { loadFleetFolder } from './fleet-run.ts'
import type { CommandContext } from '../context.ts'
import type { FleetStatusOptions } from '../definitions/fleet.ts'
import { print, table } from '../output.ts'

const shownByDefault = 20

/** Reads the evidence of every tenant. Sends no request to a cloud. */
export async function fleetStatusCommand(
  shown: string,
  options: FleetStatusOptions,
  io: CommandContext,
): Promise<number> {
  const { folder, root, members, bad } = await loadFleetFolder(shown, options, io)
  const known = new Map<string, Promise<string | undefined>>()
  const authUrlOf = (cloud: string): Promise<string | undefined> => {
    const asked = known.get(cloud) ?? authUrl(cloud, io)
    known.set(cloud, asked)
    return asked
  }
  const [tenants, run] = await Promise.all([fleetStatus(members, root, authUrlOf), readState(statePath(root, folder))])
  const counts: { [state: string]: number } = {}
  for (const { state } of tenants) counts[state] = (counts[state] ?? 0) + 1
  print(io, options.output, { folder: shown, counts, tenants, run: run ?? null }, () =>
    render(io, { tenants, counts, run }, options.verbose === true),
  )
  const isWhole =
    bad.length === 0 && tenants.every(({ state }) => state === 'validated' || state === 'held by the tenant')
  return options.exitCode === true && !isWhole ? 3 : 0
}

async function authUrl(cloud: string, io: CommandContext): Promise<string | undefined> {
  try {
    return (await loadOperator({ cloud }, undefined, io)).endpoint.authUrl
  } catch (error) {
    // on another machine, assume the cloud of the last record
    if (error instanceof InputError) return undefined
    throw error
  }
}

type Status = {
  readonly tenants: readonly MemberStatus[]
  readonly counts: Readonly<{ [state: string]: number }>
  readonly run: FleetState | undefined
}

function render(io: CommandContext, { tenants, counts, run }: Status, isVerbose: boolean): string {
  const told = Object.entries(counts).map(([state, count]) => `${count} ${state}`)
  const listed = isVerbose ? tenants : tenants.filter(({ state }) => state !== 'validated').slice(0, shownByDefault)
  const rows = listed.map(({ tenant, cloud, state, stage, because }) => [
    `${cloud}/${tenant}`,
    state,
    [stage, because].filter((part) => part !== undefined).join(': '),
  ])
  const wanting = tenants.filter(({ state }) => state !== 'validated').length
  const more = isVerbose || wanting <= shownByDefault ? '' : `and ${wanting - shownByDefault} more; -v lists all\n`
  return `${tenants.length} tenants: ${told.join(', ')}\n${table(rows, io.columns, '  ')}${more}${renderRun(run)}`
}

function renderRun(run: FleetState | undefined): string {
  if (run === undefined) return ''
  const { command, pid, state, updatedAt, ended, tenants, counts, secondsLeft } = run
  const left = state === 'running' && secondsLeft !== undefined ? `, ${duration(secondsLeft)} left` : ''
  return `last run: ${command}, pid ${pid}, ${state} at ${updatedAt}: ${ended} of ${tenants}, ${renderCounts(counts)}${left}\n`
}
