import { listHomes } from '../../console/homes.ts'
import type { TenantHome } from '../../console/homes.ts'
import { readTenant } from '../../console/reading.ts'
import { rowOf } from '../../console/tenant-view.ts'
import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { EvidenceRecord } from '../../tenant/evidence.ts'
import { sinceOffboarding } from '../../tenant/presence.ts'
import { statusOf } from '../../tenant/status.ts'
import type { CommandContext } from '../context.ts'
import type { ShowOptions } from '../definitions/shell.ts'
import { homeRoot } from '../home-root.ts'
import { headedTable, paint, printRows, table } from '../output.ts'
import { ageText } from '../views/age.ts'
import { isolationOf } from '../views/isolation.ts'
import { renderStatus } from '../views/plan.ts'

/** Reads the data directory of one tenant. Sends no request to a cloud. */
export async function showCommand(name: string, options: ShowOptions, io: CommandContext): Promise<number> {
  const root = homeRoot(options, io)
  const found = findByName(name, await listHomes(root), root)
  const reading = await readTenant(found)
  const { state } = rowOf(found, reading)
  const stages = statusOf(reading.records, reading.digests, reading.asked)
  const isolation = isolationOf(reading.records, stages)
  const made = madeIn(reading.records)
  const data = {
    cloud: found.cloud,
    tenant: found.tenant,
    state,
    isolation,
    stages,
    made,
    file: reading.file ?? null,
    directory: found.home.path,
    ...(reading.problem === undefined ? {} : { problem: reading.problem }),
  }
  const head = ['kind', 'name', 'id', 'made by', 'at']
  const rows = made.map(({ kind, name: called, id, actor, at }) => [kind, called, id ?? '', actor, at])
  printRows(io, options.output, { data, head, rows }, () => {
    const facts = [
      ['state', state],
      ['isolation', `${isolation.verdict}${isolation.at === null ? '' : `, tried ${ageText(isolation.at, io.now())}`}`],
      ...isolation.because.map((because) => ['', because]),
      ['file', reading.file ?? 'not found'],
      ['data directory', found.home.path],
      ...(reading.problem === undefined ? [] : [['evidence', reading.problem]]),
    ]
    const title = paint(io, 'bold', `${found.tenant} on ${found.cloud}`)
    return `${title}\n${table(facts, io.columns)}\n${renderStatus(io, stages, undefined)}\n${headedTable(head, rows, io.columns)}`
  })
  return reading.problem === undefined ? 0 : 3
}

/** Throws `InputError` for a name that no tenant has, and for one that several clouds have. */
function findByName(name: string, homes: readonly TenantHome[], root: string): TenantHome {
  const paths = homes.map(({ cloud, tenant }) => `${cloud}/${tenant}`)
  const found = homes.filter(({ cloud, tenant }) => name === tenant || name === `${cloud}/${tenant}`)
  const [first, ...others] = found
  if (first !== undefined && others.length === 0) return first
  const several = found.map(({ cloud, tenant }) => `\`${cloud}/${tenant}\``).join(', ')
  const close = nearest(name, [...paths, ...homes.map(({ tenant }) => tenant)])
  throw new InputError([
    {
      message:
        first === undefined ? `there is no tenant \`${name}\` in ${root}` : `several clouds have a tenant \`${name}\``,
      hint:
        first !== undefined
          ? `write one of ${several}`
          : close === undefined
            ? 'see `tenant-onboard list`'
            : `did you mean \`${close}\`?`,
    },
  ])
}

/** What was made or taken over since the tenant was last offboarded: the latest record of each step. */
function madeIn(records: readonly EvidenceRecord[]) {
  const latest = new Map<string, Extract<EvidenceRecord, { kind: 'made' }>>()
  for (const record of sinceOffboarding(records)) if (record.kind === 'made') latest.set(record.step, record)
  return [...latest.values()].map(({ object, actor, at }) => ({ ...object, actor, at }))
}
