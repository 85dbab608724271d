/** A diagnosis as text: the findings, and on request everything that was tried. */
import { oneLine } from '../visible.ts'
import { verdictOfDiagnosis } from './verdict.ts'
import type { Diagnosis } from './diagnose.ts'
import type { Fact } from './fact.ts'
import type { Diagnosed } from './hypothesis.ts'
import { symptomFact } from './unknown.ts'

/** docs/json.md. */
export function diagnosisJson(tenant: string, diagnosis: Diagnosis) {
  return { tenant, ...diagnosis }
}

export type RenderOptions = { readonly isVerbose: boolean; readonly columns: number }

export function renderDiagnosisText(diagnosis: Diagnosis, options: RenderOptions): string {
  const { findings, hypotheses, experiments, milliseconds } = diagnosis
  const open = hypotheses.filter(({ verdict }) => verdict === 'open')
  const seconds = (milliseconds / 1000).toFixed(1)
  const { sentence } = verdictOfDiagnosis(diagnosis)
  const verdict = sentence === undefined ? '' : `${sentence}\n`
  const tally = `${hypotheses.length} causes tested by ${experiments.length} experiments in ${seconds} s\n`
  // list what could not be seen, because a cause may be hidden there
  const unseen = open.map(({ supposes, because }) =>
    folded(`undecided: ${supposes}: ${because ?? ''}`, options.columns, 2),
  )
  const detail = options.isVerbose ? tried(diagnosis, options.columns) : ''
  return `${renderDiagnosed(findings, options)}${verdict}${detail}${unseen.join('')}${tally}`
}

/** The findings alone, each with its facts. */
export function renderDiagnosed(findings: readonly Diagnosed[], { columns }: Pick<RenderOptions, 'columns'>): string {
  return findings
    .map(
      ({ severity, code, where, message, remedy, owner, evidence }) =>
        `${severity} ${code}\n${folded(`${where}: ${message}`, columns, 2)}${remedy === undefined ? '' : folded(`-> ${owner}: ${remedy}`, columns, 2)}${evidence.map((fact) => folded(sentence(fact), columns, 4)).join('')}`,
    )
    .join('')
}

function tried({ experiments }: Diagnosis, columns: number): string {
  return experiments
    .map(({ id, asks, outcome, because, facts, milliseconds }) => {
      const end =
        outcome === 'seen' ? '' : `: ${outcome === 'unseen' ? 'not seen' : 'nothing to ask'}: ${because ?? ''}`
      return `${folded(`${id} (${milliseconds} ms): ${asks}${end}`, columns, 0)}${facts.map((fact) => folded(sentence(fact), columns, 4)).join('')}`
    })
    .join('')
}

function sentence({ experiment, saw, requestIds }: Fact): string {
  // what a remedy promises is shown in full
  const shown = experiment === symptomFact ? requestIds : requestIds.slice(0, 3)
  const ids = shown.length === 0 ? '' : ` [${shown.join(' ')}${shown.length < requestIds.length ? ' ..' : ''}]`
  return `saw: ${saw}${ids}`
}

function folded(text: string, columns: number, indent: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of oneLine(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns - indent) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}\n`).join('')
}
