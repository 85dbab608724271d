import { success } from '../../success.ts'
import { isBlocking, verdictOf } from '../../finding.ts'
import type { Audit } from '../../audit/audit.ts'
import { count } from '../../report/view/count.ts'
import { headedTable, paint, table } from '../output.ts'
import type { Page } from '../output.ts'
import { renderFindings } from './plan.ts'

/** Findings, worst first, each with its remedy and its owner; then the accounts to leave alone, and the counts. */
export function renderAudit(io: Page, { findings, dependences, counted }: Audit): string {
  const keepers = dependences.map(({ user, clusters }) => [`user ${user.name}`, `cluster ${clusters.join(', ')}`])
  const kept = headedTable(['do not disable or delete', 'it keeps alive'], keepers, io.columns)
  const blocking = findings.filter(isBlocking).length
  const verdict = verdictOf(findings)
  const answer =
    findings.length === 0
      ? paint(io, 'green', success.audit())
      : paint(
          io,
          verdict === 'refuted' ? 'red' : 'yellow',
          `${count(findings.length, 'finding')}, ${blocking} blocking`,
        )
  const looked = table(
    [
      ['tenants', String(counted.tenants)],
      ['users', String(counted.users)],
      ['assignments', String(counted.assignments)],
      ['application credentials', String(counted.credentials)],
    ],
    io.columns,
  )
  return [renderFindings(io, findings), kept, `${looked}${answer}\n`].filter((part) => part !== '').join('\n')
}
