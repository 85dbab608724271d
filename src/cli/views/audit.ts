import { success } from '../../success.ts'
import { isBlocking, verdictOf } from '../../finding.ts'
import { isAsTheTableSays } from '../../audit/verdict.ts'
import type { Audit } from '../../audit/audit.ts'
import { count } from '../../report/view/count.ts'
import { headedTable, paint, table } from '../output.ts'
import type { Page } from '../output.ts'
import { renderFindings } from './plan.ts'

/** Findings, worst first, each with its remedy and its owner; then the accounts to leave alone, and the counts. */
export function renderAudit(io: Page, audit: Audit): string {
  const { findings, dependences, counted } = audit
  const keepers = dependences.map(({ user, clusters }) => [`user ${user.name}`, `cluster ${clusters.join(', ')}`])
  const kept = headedTable(['do not disable or delete', 'it keeps alive'], keepers, io.columns)
  const told = findings.filter(({ severity }) => severity !== 'info')
  const blocking = told.filter(isBlocking).length
  const answer = isAsTheTableSays(audit)
    ? paint(io, 'green', success.audit())
    : paint(
        io,
        verdictOf(findings) === 'refuted' ? 'red' : 'yellow',
        `${count(told.length, 'finding')}, ${blocking} blocking`,
      )
  const looked = table(
    [
      ['tenants', String(counted.tenants)],
      ['users', String(counted.users)],
      ['users whose application credentials were read', String(counted.owners)],
    ],
    io.columns,
  )
  const rows = headedTable(
    ['rows', 'read', 'matched', 'outside all tenants'],
    counted.rows.map(({ kind, read, matched, outside }) => [
      kind,
      String(read),
      String(matched),
      outside === undefined ? '' : `${outside}, not compared`,
    ]),
    io.columns,
  )
  return [renderFindings(io, findings), kept, looked, `${rows}${answer}; packets: not shown\n`]
    .filter((part) => part !== '')
    .join('\n')
}
