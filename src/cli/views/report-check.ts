import { success } from '../../success.ts'
import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { checkReport } from '../../report/check.ts'
import type { ReportCheck } from '../../report/check.ts'
import type { PolicyOnPaper } from '../../report/paper.ts'
import { timeText } from '../../report/view/time.ts'
import type { EvidenceRecord } from '../../tenant/evidence.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import { readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import { paint, print, table } from '../output.ts'
import type { Format } from '../output.ts'
import type { Today } from '../todays-digests.ts'
import { version } from '../version.ts'

/** What a report is compared with. */
export type CheckedHome = {
  readonly loaded: LoadedTenant
  readonly records: readonly EvidenceRecord[]
  readonly today: Today
  readonly paper: PolicyOnPaper | undefined
}

/** `report --check`: exit 3 if the report differs from the evidence. */
export async function checkCommand(
  name: string,
  home: CheckedHome,
  format: Format,
  io: CommandContext,
): Promise<number> {
  const text = await readText(resolve(io.cwd, name))
  if (text === undefined) throw new InputError(`there is no file \`${name}\``)
  const { loaded, records, today, paper } = home
  const result = checkReport({
    file: name,
    text,
    tenant: loaded.tenant,
    records,
    today: today.digests,
    version,
    paper,
  })
  print(io, format, result, () => renderCheck(name, result, io))
  return result.ok ? 0 : 3
}

function renderCheck(
  name: string,
  { ok, madeAt, head, differences, since, paper }: ReportCheck,
  io: CommandContext,
): string {
  const answer = ok
    ? paint(io, 'green', success['report --check'](name))
    : paint(io, 'red', `${name} differs from the evidence`)
  const rows = differences.map(({ part, because }) => ['NO', part, because])
  const notes = [
    ['made', timeText(madeAt)],
    ['head', head ?? 'of no record'],
    ...(since === 0 ? [] : [['since', `${since} more records`]]),
    ...(paper === 'none'
      ? []
      : [
          [
            'policy',
            paper === 'checked'
              ? 'proved again, with the same result'
              : `${paper}: give --override, --base and --release to prove it again`,
          ],
        ]),
  ]
  return `${answer}\n${table(rows, io.columns, '  ')}${table(notes, io.columns)}`
}
