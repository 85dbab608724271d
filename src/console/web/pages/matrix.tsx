import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { PersonaName } from '../../../policy/model/persona.ts'
import { Page, Trouble } from '../page.tsx'
import { Why } from '../policy/clause-tree.tsx'
import { BaseConfigBar } from '../policy/base-config-bar.tsx'
import { base, choice, layer, text } from '../policy/base-config.ts'
import type { Cell, PolicyChoice } from '../policy/protocol.ts'
import { usePolicy } from '../policy/use-policy.ts'
import { absent, answerIn, answers, filterLines, gridLines, personasOf, placeWords } from './matrix-state.ts'
import type { GridLine } from './matrix-state.ts'
import { MatrixGrid } from './matrix-grid.tsx'

export function MatrixPage() {
  const search = useSignal('')
  const allowedTo = useSignal<PersonaName | undefined>(undefined)
  const chosen = useSignal<Cell | undefined>(undefined)
  const pasted = layer.value === 'playground' ? (text.value ?? '') : ''
  const key = JSON.stringify([choice.value.release, base.value, layer.value, pasted])
  const { isThinking, value, problems } = usePolicy(key, async (client) => {
    const override = layer.value === 'built' ? await client.ask('build', choice.value) : undefined
    const asked: PolicyChoice = { ...choice.value, override: layer.value === 'playground' ? pasted : override }
    return { asked, matrix: await client.ask('matrix', asked) }
  })
  const lines = useMemo(() => (value === undefined ? [] : gridLines(value.matrix)), [value])
  const personas = useMemo(() => (value === undefined ? undefined : personasOf(value.matrix)), [value])
  const shown = filterLines(lines, search.value, allowedTo.value)
  return (
    <Page
      title="Access"
      lead="Which persona may do what under a policy: every persona and every request, at its own domain, at another one, and at none. Choose a cell to see why."
    >
      <BaseConfigBar>
        <label class="field">
          <span>On top</span>
          <select
            value={layer.value}
            onChange={(event) => {
              const { value: wish } = event.currentTarget
              layer.value = wish === 'none' || wish === 'playground' ? wish : 'built'
            }}
          >
            <option value="none">nothing</option>
            <option value="built">the result of `policy build`</option>
            <option value="playground">the text under Policy</option>
          </select>
        </label>
        <label class="field grow">
          <span>Operations</span>
          <input
            type="search"
            value={search.value}
            placeholder="create_user"
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => {
              search.value = event.currentTarget.value
            }}
          />
        </label>
        <label class="field">
          <span>Allowed to</span>
          <select
            value={allowedTo.value ?? ''}
            onChange={(event) => {
              const { value: wish } = event.currentTarget
              allowedTo.value = value?.matrix.personas.find(({ name }) => name === wish)?.name
            }}
          >
            <option value="">anybody or nobody</option>
            {(value?.matrix.personas ?? []).map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <p class="count" role="status">
          {value === undefined ? '' : `${shown.length} of ${lines.length} operations`}
          {isThinking ? ' ...' : ''}
        </p>
      </BaseConfigBar>
      <Legend />
      {problems.length === 0 ? undefined : (
        <Trouble title="This policy cannot be read">
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Trouble>
      )}
      <div class={isThinking ? 'access is-stale' : 'access'}>
        <MatrixGrid
          personas={personas}
          lines={shown}
          chosen={chosen.value}
          choose={(cell) => {
            chosen.value = cell
          }}
        />
        <aside class="why" aria-label="Why" aria-live="polite">
          {value === undefined || chosen.value === undefined ? (
            <p class="quiet">Choose a cell to see the reason here, clause by clause.</p>
          ) : (
            <Chosen asked={value.asked} lines={lines} cell={chosen.value} />
          )}
        </aside>
      </div>
    </Page>
  )
}

type ChosenProps = { readonly asked: PolicyChoice; readonly lines: readonly GridLine[]; readonly cell: Cell }

function Chosen({ asked, lines, cell }: ChosenProps) {
  const line = lines.find(({ operation }) => operation === cell.operation)
  const answer = line === undefined ? undefined : answerIn(line, cell.persona, cell.place)
  if (answer === undefined) {
    return (
      <p class="quiet">
        {cell.persona} has no request there: {cell.operation.replace(/^identity:/, '')}, {placeWords[cell.place]}.
      </p>
    )
  }
  return (
    <>
      {answer === 'unknown' ? (
        <p class="because">
          Its rule reads a target that was not captured, so the answer is unknown. Below, the rule without any target.
        </p>
      ) : undefined}
      <p class="quiet">
        {cell.operation.replace(/^identity:/, '')}, {placeWords[cell.place]}
      </p>
      <Explained asked={asked} cell={cell} />
    </>
  )
}

function Explained({ asked, cell }: { readonly asked: PolicyChoice; readonly cell: Cell }) {
  const key = JSON.stringify([asked, cell])
  const { value, problems } = usePolicy(key, (client) => client.ask('explain', { ...asked, cell }))
  if (problems.length > 0) return <p class="because">{problems.join('; ')}</p>
  if (value === undefined) return <p class="quiet">Reading the rule ...</p>
  return <Why explanation={value} />
}

const legend = [
  { look: 'allow cell-own', ...answers.allow },
  { look: 'allow cell-other', ...answers.allow, text: `${answers.allow.text} beyond its own domain` },
  { look: 'deny', ...answers.deny },
  { look: 'error', ...answers.error },
  { look: 'unknown', ...answers.unknown },
  { look: 'absent', ...absent },
] as const

function Legend() {
  return (
    <ul class="legend" aria-label="Signs">
      {legend.map(({ look, letter, text: said }) => (
        <li key={look}>
          <span class={`cell cell-${look}`}>{letter}</span> {said}
        </li>
      ))}
      <li class="quiet">each persona: its own domain, another, none</li>
    </ul>
  )
}
