import { success } from '../../success.ts'
import type { Finding } from '../../finding.ts'
import type { CarriedOut } from '../../self-service/rounds.ts'
import type { CommandContext } from '../context.ts'
import { paint, table } from '../output.ts'
import { renderChecks, renderFindings } from './plan.ts'

export function renderAccepted(
  result: {
    readonly tenant: string
    readonly handover: { readonly sha256: string; readonly operatorHead: string | null }
    readonly findings: readonly Finding[]
    readonly evidence: string
    readonly withoutOperator: readonly {
      readonly stage: string
      readonly what: string
      readonly reach: string
      readonly instead: string
    }[]
  },
  { ok, stages, identities, changed }: CarriedOut,
  io: CommandContext,
): string {
  const head = ok
    ? paint(io, 'green', success.accept(result.tenant))
    : paint(io, 'red', `${result.tenant} was not onboarded from its handover`)
  const failed = stages.flatMap(({ checks }) => checks.filter((check) => !check.ok))
  const points = result.withoutOperator.map(({ stage, what, reach, instead }) => [
    reach,
    stage,
    `${what} -> ${instead}`,
  ])
  return `${head}
handover  sha256 ${result.handover.sha256}
${result.handover.operatorHead === null ? '' : `          the operator's evidence ended with ${result.handover.operatorHead}\n`}
accounts that signed in; no OS_* variable and no clouds.yaml of this machine was read
${table(
  identities.map(({ actor, user, roles }) => [user, actor, roles.join(', ')]),
  io.columns,
  '  ',
)}
gates
${table(
  stages.map(({ stage, gate, ok: holds, checks }) => [
    holds ? 'ok' : 'NO',
    stage,
    `${gate === 'accepted' ? 'accepted, ' : ''}${checks.length} checks, ${checks.filter(({ reach }) => reach === 'perimeter').length} of them beyond the tenant`,
  ]),
  io.columns,
  '  ',
)}${renderChecks(io, failed)}
what an operator does, and what was done instead
${table(points, io.columns, '  ')}
${renderFindings(io, result.findings)}${changed.length === 0 ? 'nothing had to be changed' : `${changed.length} changes`}
evidence  ${result.evidence}
`
}
