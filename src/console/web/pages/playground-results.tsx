import type { ComponentChildren } from 'preact'
import { count as countText } from '../../../report/view/count.ts'
import { proofLabel } from '../../../report/view/label.ts'
import type { Change, PolicyDiff } from '../../../policy/diff.ts'
import { FindingItem } from '../findings.tsx'
import { Mark, State } from '../mark.tsx'
import type { Sign, Status } from '../mark.tsx'
import type { LintLine, ProvedClaim } from '../policy/protocol.ts'
import type { Thought } from '../policy/use-policy.ts'

type SectionProps = {
  readonly title: string
  readonly thought: Thought<unknown>
  readonly summary: Status
  readonly children: ComponentChildren
}

const thinking: Status = { text: 'thinking', tone: 'running' }
const unreadable: Status = { text: 'cannot be read', tone: 'bad' }

function Section({ title, thought, summary, children }: SectionProps) {
  const { isThinking, problems } = thought
  const isBroken = problems.length > 0
  const status = isThinking ? thinking : isBroken ? unreadable : summary
  return (
    <section class={isThinking ? 'result is-stale' : 'result'} aria-label={title} aria-busy={isThinking}>
      <header>
        <h2>{title}</h2>
        <span role="status">
          <State status={status} />
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

export function LintResult({ thought, go }: LintProps) {
  const findings = thought.value ?? []
  const worst = findings.some(({ severity }) => severity.tone === 'bad') ? 'bad' : 'warn'
  const summary: Status =
    findings.length === 0
      ? { text: 'nothing found', tone: 'good' }
      : { text: countText(findings.length, 'finding'), tone: worst }
  return (
    <Section title="Lint" thought={thought} summary={summary}>
      <ul class="findings">
        {findings.map((finding, index) => (
          <FindingItem key={index} finding={finding}>
            <button
              type="button"
              class="plain-link"
              onClick={() => {
                go(finding.line)
              }}
            >
              line {finding.line}, column {finding.column}
            </button>
          </FindingItem>
        ))}
      </ul>
    </Section>
  )
}

const diffSigns: Readonly<Record<Change['kind'], Sign>> = { gains: 'more', loses: 'less', changes: 'warn' }

export function DiffResult({ thought }: { readonly thought: Thought<PolicyDiff> }) {
  const changes = thought.value?.changes ?? []
  const personas = [...new Set(changes.map(({ persona }) => persona))]
  const summary: Status =
    changes.length === 0
      ? { text: 'as the base', tone: 'good' }
      : { text: countText(changes.length, 'change'), tone: 'still' }
  return (
    <Section title="Compared with the base" thought={thought} summary={summary}>
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

export function ProofResult({ thought }: { readonly thought: Thought<Proof> }) {
  const claims = thought.value?.claims ?? []
  const proved = claims.filter(({ verdict }) => verdict === 'proved').length
  const isAll = proved === claims.length
  return (
    <Section
      title="Proof"
      thought={thought}
      summary={{
        text: isAll ? `all ${proved} claims proved` : `${proved} of ${claims.length} claims proved`,
        tone: isAll ? 'good' : claims.some(({ verdict }) => verdict === 'refuted') ? 'bad' : 'warn',
      }}
    >
      <ul class="claims">
        {claims.map(({ claim, title, verdict, counterexamples, notShown }) => (
          <li key={claim}>
            <div class="claim">
              <State status={proofLabel(verdict)} />
              <span>{title}</span>
            </div>
            <Counterexamples texts={counterexamples} />
            {notShown.map(({ action, why }) => (
              <p class="quiet" key={action}>
                not shown for {action}: {why}
              </p>
            ))}
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
          <summary>{countText(others.length, 'further request')}</summary>
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
