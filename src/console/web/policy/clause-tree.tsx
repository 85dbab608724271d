import type { ExplainedClause, Explanation } from '../../../policy/explain.ts'
import { Mark, State } from '../mark.tsx'
import type { Sign, Status } from '../mark.tsx'

const verdicts: Readonly<Record<Explanation['decision'], Status>> = {
  allow: { text: 'allowed', tone: 'good' },
  deny: { text: 'refused', tone: 'bad' },
  error: { text: 'answered with an error', tone: 'warn' },
}
const outcomes = { true: 'holds', false: 'does not hold', error: 'error', skipped: 'not evaluated' } as const
const outcomeSigns: Readonly<Record<ExplainedClause['outcome'], Sign>> = {
  true: 'good',
  false: 'bad',
  error: 'warn',
  skipped: 'still',
}

/** Why a request is allowed or refused: the request, and every clause with what it saw. */
export function Why({ explanation }: { readonly explanation: Explanation }) {
  const { decision, because, who, request, target, clause, action } = explanation
  return (
    <>
      <h2>
        <code>{action}</code>
      </h2>
      <p>
        <State status={verdicts[decision]} />
        {because === undefined ? '' : ` (${because})`}
      </p>
      <p class="quiet">as {who}</p>
      {request === undefined ? undefined : (
        <pre class="request" tabIndex={0} aria-label="Request">
          <code>{request}</code>
        </pre>
      )}
      {target.length === 0 ? undefined : (
        <details>
          <summary>The target, as the rule sees it</summary>
          <ul class="target">
            {target.map(({ key, value, by }) => (
              <li key={key}>
                <code>
                  {key} = {value}
                </code>
                {by === undefined ? '' : <span class="quiet"> {by}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
      {clause === undefined ? undefined : (
        <>
          <h3>Clause by clause</h3>
          <ul class="clauses">
            <ClauseLine clause={clause} />
          </ul>
        </>
      )}
    </>
  )
}

function ClauseLine({ clause }: { readonly clause: ExplainedClause }) {
  const { check, outcome, saw, rule, source, clauses } = clause
  return (
    <li class={`clause clause-${outcome}`}>
      <span class="clause-line">
        <Mark sign={outcomeSigns[outcome]} label={outcomes[outcome]} />
        <span>
          <code>{check}</code>{' '}
          {rule === undefined ? undefined : (
            <span class="quiet">
              {rule}, {source ?? ''}
            </span>
          )}
          {saw === undefined ? undefined : <span class="saw">{saw}</span>}
        </span>
      </span>
      {clauses.length === 0 ? undefined : (
        <ul>
          {clauses.map((one, index) => (
            <ClauseLine key={index} clause={one} />
          ))}
        </ul>
      )}
    </li>
  )
}
