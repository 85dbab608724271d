import { listHomes } from '../../console/homes.ts'
import { readTenant } from '../../console/reading.ts'
import { rowOf } from '../../console/tenant-view.ts'
import type { CommandContext } from '../context.ts'
import type { ListOptions } from '../definitions/shell.ts'
import { homeRoot } from '../home-root.ts'
import { naturally } from '../../natural-order.ts'
import { headedTable, printRows } from '../output.ts'
import { statusOf } from '../../tenant/status.ts'
import { isolationOf } from '../views/isolation.ts'
import { ageText } from '../views/age.ts'

/** Reads the data directory. Sends no request to a cloud. */
export async function listCommand(options: ListOptions, io: CommandContext): Promise<number> {
  const root = homeRoot(options, io)
  const found = await listHomes(root)
  const tenants = await Promise.all(
    found.map(async (home) => {
      const reading = await readTenant(home)
      const { cloud, tenant, state, at } = rowOf(home, reading)
      return {
        cloud,
        tenant,
        state,
        isolation: isolationOf(reading.records, statusOf(reading.records, reading.digests, reading.asked)),
        changedAt: at ?? null,
      }
    }),
  )
  const sorted = tenants.toSorted((a, b) => naturally(a.cloud, b.cloud) || naturally(a.tenant, b.tenant))
  const head = ['cloud', 'tenant', 'state', 'isolation', 'verified', 'changed']
  const cells = (time: (at: string | null) => string): readonly (readonly string[])[] =>
    sorted.map(({ cloud, tenant, state, isolation, changedAt }) => [
      cloud,
      tenant,
      state,
      isolation.verdict,
      time(isolation.at),
      time(changedAt),
    ])
  const rows = cells((at) => at ?? '')
  printRows(io, options.output, { data: { root, tenants: sorted }, head, rows }, () =>
    sorted.length === 0
      ? `there is no tenant in ${root} yet: begin with \`tenant-onboard init --cloud NAME\`\n`
      : headedTable(
          head,
          cells((at) => ageText(at, io.now())),
          io.columns,
        ),
  )
  return 0
}
