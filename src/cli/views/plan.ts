import { success } from '../../success.ts'
import { isBlocking } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import { changesOf } from '../../onboarding/plan.ts'
import type { Plan, Step } from '../../onboarding/plan.ts'
import { findingViews } from '../../report/view/finding.ts'
import { stageLabel } from '../../report/view/label.ts'
import { minuteText } from '../../report/view/time.ts'
import { valueText } from '../../report/view/value.ts'
import type { Check } from '../../tenant/stage.ts'
import { isAccepted } from '../../tenant/status.ts'
import type { StageStatus } from '../../tenant/status.ts'
import { cloudLine } from '../../tenant/used-cloud.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { headedTable, paint, table, wrap, wrapAroundCommands } from '../output.ts'
import type { Page } from '../output.ts'

/* Results as text. Colour is never the only sign. */

const toneColors = { good: 'green', warn: 'yellow', bad: 'red', still: 'dim', kept: 'dim' } as const

export function renderFindings(io: Page, findings: readonly Finding[]): string {
  return findingViews(findings)
    .map(({ severity, code, where, message, remedy, owner }) => {
      const lines = wrapAroundCommands(`${where}: ${message}`, io.columns - 2)
      const tail = remedy === undefined ? [] : wrapAroundCommands(`-> ${owner}: ${remedy}`, io.columns - 2)
      return `${paint(io, toneColors[severity.tone], severity.text)} ${code}\n${[...lines, ...tail].map((line) => `  ${line}\n`).join('')}`
    })
    .join('')
}

/** Which cloud, and as whom. */
export function renderCloud(io: Pick<Page, 'columns'>, used: UsedCloud): string {
  return `${wrap(cloudLine(used), io.columns).join('\n')}\n`
}

export function renderPlan(io: Page, plan: Plan, used: UsedCloud): string {
  const changes = changesOf(plan)
  const kept = plan.steps.length - changes.length
  const rows = changes.map((step, index) => [
    // print the name of a stage once, above its steps
    changes[index - 1]?.stage === step.stage ? '' : step.stage,
    paint(io, actionColors[step.action], step.action),
    step.actor,
    `${stepWords(step)}${step.action === 'create' ? '' : `: ${step.because}`}`,
  ])
  const shown = headedTable(['stage', 'action', 'as', 'what'], rows, io.columns)
  const later = plan.deferred.length === 0 ? '' : `, ${plan.deferred.length} left to the next plan`
  const errors = plan.findings.filter(isBlocking).length
  const count =
    errors > 0
      ? paint(io, 'red', `nothing is done until ${errors === 1 ? 'this is' : `these ${errors} are`} resolved`)
      : changes.length === 0
        ? paint(io, 'green', success.plan())
        : `${changes.length} to do`
  return `${renderCloud(io, used)}${renderFindings(io, plan.findings)}${shown}${count}, ${kept} up to date${later}\nplan ${plan.digest}\n`
}

/** Some are named by their kind: `compute quota of acme-prod`. */
export function stepWords({ kind, name }: Pick<Step, 'kind' | 'name'>): string {
  return name.includes(kind) ? name : `${kind} ${name}`
}

const actionColors = { create: 'green', adopt: 'yellow', update: 'yellow', keep: 'dim' } as const

export function renderChecks(io: Page, checks: readonly Check[]): string {
  const rows = checks.map((check) => [
    paint(io, check.ok ? 'green' : 'red', check.ok ? 'ok' : 'NO'),
    check.actor,
    check.ok ? check.claim : `${check.claim}: read ${valueText(check.value)}`,
  ])
  return table(rows, io.columns, '  ')
}

export function renderStatus(io: Page, stages: readonly StageStatus[], used: UsedCloud | undefined): string {
  const rows = stages.map((status) => {
    const { stage, state, at, because, checks } = status
    const { text, tone } = stageLabel(state, isAccepted(status))
    return [
      stage,
      paint(io, toneColors[tone], text),
      at === undefined ? '' : minuteText(at),
      because ?? (checks.length === 0 ? '' : `${checks.filter(({ ok }) => ok).length} of ${checks.length} claims hold`),
    ]
  })
  const line = used === undefined ? '' : renderCloud(io, used)
  return `${line}${headedTable(['stage', 'state', 'gate read', 'because'], rows, io.columns)}`
}
