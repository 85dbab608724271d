import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Matrix } from '../../../policy/matrix.ts'
import type { Cell } from '../policy/protocol.ts'
import { useRange } from '../use-range.ts'
import { absent, answerIn, answers, cellAt, gridPlaces, placeWords } from './matrix-state.ts'
import type { GridLine } from './matrix-state.ts'

const rowHeight = 30

type Personas = Matrix['personas']

type Props = {
  /** `undefined` until something is known. */
  readonly personas: Personas | undefined
  readonly lines: readonly GridLine[]
  readonly chosen: Cell | undefined
  readonly choose: (cell: Cell) => void
}

/** The heat map. One cell is in the tab order; arrow keys move from there, Enter selects. */
export function MatrixGrid({ personas, lines, chosen, choose }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const { list, range } = useRange(lines.length, rowHeight, box)
  const active = useSignal({ row: 0, column: 0 })
  const isMoving = useRef(false)
  const columns = (personas?.length ?? 0) * gridPlaces.length
  const row = Math.min(active.value.row, Math.max(0, lines.length - 1))
  useEffect(() => {
    if (!isMoving.current) return
    // the row may have to be scrolled into view before it can take the focus
    const at = box.current?.querySelector<HTMLElement>('[role=gridcell][tabindex="0"]')
    at?.focus({ preventScroll: true })
    at?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })
  const move = (event: KeyboardEvent): void => {
    const step = stepOf(event.key, Math.floor((box.current?.clientHeight ?? 300) / rowHeight) - 2)
    if (step === undefined || personas === undefined) return
    event.preventDefault()
    const next = {
      row: within(row + step.row, lines.length),
      column: step.column === Infinity ? columns - 1 : within(active.value.column + step.column, columns),
    }
    isMoving.current = true
    active.value = next
    const top = next.row * rowHeight
    const seen = box.current
    if (seen === null) return
    if (top < seen.scrollTop) seen.scrollTop = top
    else if (top + rowHeight > seen.scrollTop + seen.clientHeight - headHeight)
      seen.scrollTop = top + rowHeight - seen.clientHeight + headHeight
  }
  const pick = (line: GridLine, at: number, column: number): void => {
    active.value = { row: at, column }
    const cell = personas === undefined ? undefined : cellAt(personas, line, column)
    if (cell !== undefined) choose(cell)
  }
  return (
    <div
      ref={box}
      class="matrix"
      role="grid"
      aria-label="Access"
      aria-rowcount={lines.length + 1}
      aria-colcount={columns + 1}
      aria-busy={personas === undefined}
      onKeyDown={move}
    >
      <div role="rowgroup" class="matrix-head">
        <div role="row" aria-rowindex={1}>
          <span role="columnheader" class="operation">
            Operation
          </span>
          {(personas ?? []).map(({ name, title }) => (
            <span key={name} role="columnheader" class="persona" aria-colspan={gridPlaces.length} title={title}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={list} class="matrix-rows" style={{ height: `${lines.length * rowHeight}px` }}>
        {lines.slice(range.first, range.last).map((line, index) => {
          const at = range.first + index
          return (
            <Line
              key={line.operation}
              line={line}
              at={at}
              personas={personas ?? []}
              active={at === row ? active.value.column : undefined}
              chosen={chosen?.operation === line.operation ? chosen : undefined}
              pick={pick}
            />
          )
        })}
      </div>
      {personas !== undefined && lines.length === 0 ? (
        <p class="quiet matrix-none">No operation matches.</p>
      ) : undefined}
      {personas === undefined ? <p class="quiet matrix-none">Asking every request of the policy ...</p> : undefined}
    </div>
  )
}

/** The heading stays visible above the rows. */
const headHeight = 48

type LineProps = {
  readonly line: GridLine
  readonly at: number
  readonly personas: Personas
  readonly active: number | undefined
  readonly chosen: Cell | undefined
  readonly pick: (line: GridLine, at: number, column: number) => void
}

/** Drawn again only if its content differs: most rows stay the same while scrolling or moving. */
function Line(props: LineProps) {
  const { line, at, personas, active, chosen } = props
  return useMemo(() => <LineContent {...props} />, [line, at, personas, active, chosen])
}

function LineContent({ line, at, personas, active, chosen, pick }: LineProps) {
  return (
    <div
      role="row"
      class="matrix-row"
      aria-rowindex={at + 2}
      style={{ transform: `translateY(${at * rowHeight}px)`, height: `${rowHeight}px` }}
    >
      <span role="rowheader" class="operation" title={line.operation}>
        {line.operation.replace(/^identity:/, '')}
      </span>
      {personas.flatMap(({ name }, persona) =>
        gridPlaces.map((place, index) => {
          const column = persona * gridPlaces.length + index
          const answer = answerIn(line, name, place)
          const isChosen = chosen?.persona === name && chosen.place === place
          const said = answer === undefined ? absent : answers[answer]
          return (
            <span
              key={column}
              role="gridcell"
              tabIndex={active === column ? 0 : -1}
              aria-colindex={column + 2}
              aria-selected={isChosen}
              aria-label={`${name}, ${placeWords[place]}: ${said.text}`}
              class={`cell cell-${answer ?? 'absent'} cell-${place}`}
              onClick={() => {
                pick(line, at, column)
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return
                event.preventDefault()
                pick(line, at, column)
              }}
            >
              {said.letter}
            </span>
          )
        }),
      )}
    </div>
  )
}

function stepOf(key: string, page: number): { readonly row: number; readonly column: number } | undefined {
  switch (key) {
    case 'ArrowDown':
      return { row: 1, column: 0 }
    case 'ArrowUp':
      return { row: -1, column: 0 }
    case 'ArrowRight':
      return { row: 0, column: 1 }
    case 'ArrowLeft':
      return { row: 0, column: -1 }
    case 'PageDown':
      return { row: page, column: 0 }
    case 'PageUp':
      return { row: -page, column: 0 }
    case 'Home':
      return { row: 0, column: -Infinity }
    case 'End':
      return { row: 0, column: Infinity }
    default:
      return undefined
  }
}

function within(at: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at))
}
