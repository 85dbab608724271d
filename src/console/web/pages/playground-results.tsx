import type { ComponentChildren } from 'preact'
import type { Change, PolicyDiff } from '../../../policy/diff.ts'
import { Mark, State } from '../mark.tsx'
import type { Sign } from '../mark.tsx'
import { plural } from '../plural.ts'
import type { LintLine, ProvedClaim } from '../policy/protocol.ts'
import type { Thought } from '../policy/use-policy.ts'

type SectionProps = {
  readonly title: string
  readonly thought: Thought<unknown>
  readonly summary: string
  readonly sign: Sign
  readonly children: ComponentChildren
}

function Section({ title, thought, summary, sign, children }: SectionProps) {
  const { isThinking, problems } = thought
  const isBroken = problems.length > 0
  const word = isThinking ? 'thinking' : isBroken ? 'cannot be read' : summary
  return (
    <section class={isThinking ? 'result is-stale' : 'result'} aria-label={title} aria-busy={isThinking}>
      <header>
        <h2>{title}</h2>
        <span role="status">
          <State sign={isThinking ? 'run' : isBroken ? 'bad' : sign}>{word}</State>
        </span>
      </header>
      {isBroken ? (
        // lint comes first and has reported it already
        <ul class="problems">
          {title === 'Lint' ? problems.map((problem) => <li key={problem}>{problem}</li>) : <li>Lint says why.</li>}
        </ul>
      ) : (
        children
      )}
    </section>
  )
}

type LintProps = { readonly thought: Thought<readonly LintLine[]>; readonly go: (line: number) => void }

const severities: Readonly<Record<LintLine['severity'], Sign>> = { error: 'bad', warning: 'warn', info: 'none' }

export function LintResult({ thought, go }: LintProps) {
  const findings = thought.value ?? []
  const worst = findings.some(({ severity }) => severity === 'error') ? 'bad' : findings.length > 0 ? 'warn' : 'ok'
  const summary = findings.length === 0 ? 'nothing found' : plural(findings.length, 'finding')
  return (
    <Section title="Lint" thought={thought} summary={summary} sign={worst}>
      <ul class="findings">
        {findings.map((finding, index) => (
          <li key={index}>
            <div class="finding-head">
              <State sign={severities[finding.severity]}>{finding.severity}</State>
              <code>{finding.code}</code>
              <button
                type="button"
                class="plain-link"
                onClick={() => {
                  go(finding.line)
                }}
              >
                line {finding.line}, column {finding.column}
              </button>
            </div>
            <p>{finding.message}</p>
            {finding.remedy === undefined ? undefined : <p class="remedy">{finding.remedy}</p>}
          </li>
        ))}
      </ul>
    </Section>
  )
}

const diffSigns: Readonly<Record<Change['kind'], Sign>> = { gains: 'more', loses: 'less', changes: 'warn' }

export function DiffResult({ thought }: { readonly thought: Thought<PolicyDiff> }) {
  const changes = thought.value?.changes ?? []
  const personas = [...new Set(changes.map(({ persona }) => persona))]
  const summary = changes.length === 0 ? 'as the base' : plural(changes.length, 'change')
  return (
    <Section
      title="Compared with the base"
      thought={thought}
      summary={summary}
      sign={changes.length === 0 ? 'ok' : 'none'}
    >
      {personas.map((persona) => {
        const own = changes.filter((change) => change.persona === persona)
        const count = (kind: Change['kind']): number => own.filter((change) => change.kind === kind).length
        const parts = (['gains', 'loses', 'changes'] as const).flatMap((kind) =>
          count(kind) === 0 ? [] : [`${kind} ${count(kind)}`],
        )
        return (
          <details key={persona} class="diff">
            <summary>
              <b>{persona}</b> {parts.join(', ')}
            </summary>
            <ul>
              {own.map((change) => (
                <li key={`${change.operation} ${change.place}`}>
                  <Mark sign={diffSigns[change.kind]} label={change.kind} />
                  <span>
                    <code>{change.operation.replace(/^identity:/, '')}</code> at {change.place}
                  </span>
                  <code class="request">{change.request}</code>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
      {thought.value === undefined || thought.value.unknown.length === 0 ? undefined : (
        <p class="quiet">not compared, because their targets are unknown: {thought.value.unknown.join(', ')}</p>
      )}
    </Section>
  )
}

type Proof = { readonly claims: readonly ProvedClaim[]; readonly assumptions: readonly string[] }

const verdicts: Readonly<Record<ProvedClaim['verdict'], Sign>> = { proved: 'ok', refuted: 'bad', undecided: 'warn' }

export function ProofResult({ thought }: { readonly thought: Thought<Proof> }) {
  const claims = thought.value?.claims ?? []
  const proved = claims.filter(({ verdict }) => verdict === 'proved').length
  const isAll = proved === claims.length
  return (
    <Section
      title="Proof"
      thought={thought}
      summary={isAll ? `all ${proved} claims proved` : `${proved} of ${claims.length} claims proved`}
      sign={isAll ? 'ok' : claims.some(({ verdict }) => verdict === 'refuted') ? 'bad' : 'warn'}
    >
      <ul class="claims">
        {claims.map(({ claim, title, verdict, counterexamples, undecided }) => (
          <li key={claim}>
            <div class="claim">
              <State sign={verdicts[verdict]}>{verdict}</State>
              <span>{title}</span>
            </div>
            <Counterexamples texts={counterexamples} />
            {undecided.length === 0 ? undefined : <p class="quiet">inconclusive for {undecided.join(', ')}</p>}
          </li>
        ))}
      </ul>
      {thought.value === undefined ? undefined : (
        <details>
          <summary>Assumptions</summary>
          <ul class="plain">
            {thought.value.assumptions.map((assumption) => (
              <li key={assumption}>{assumption}</li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  )
}

/** The first one shows that it is broken; the others help with the correction. */
function Counterexamples({ texts: [first, ...others] }: { readonly texts: readonly string[] }) {
  if (first === undefined) return undefined
  return (
    <>
      <Counterexample text={first} />
      {others.length === 0 ? undefined : (
        <details>
          <summary>{plural(others.length, 'further request')}</summary>
          {others.map((text) => (
            <Counterexample key={text} text={text} />
          ))}
        </details>
      )}
    </>
  )
}

function Counterexample({ text }: { readonly text: string }) {
  return (
    <pre tabIndex={0} aria-label="A request that breaks it">
      <code>{text.replace(/^ {4}/gm, '').trimEnd()}</code>
    </pre>
  )
}
