import { oneLine } from '../../visible.ts'
import type {
  Bars,
  Block,
  Matrix,
  MatrixCell,
  NetworkNode,
  RecipeView,
  RequestView,
  SectionView,
} from '../view/block.ts'
import type { FindingView } from '../view/finding.ts'
import { timeText } from '../view/time.ts'
import { code, labelText, rows, text, textOf } from './text.ts'

/** A label stands below its heading, whose words are the name of the part. */
export function sectionText({ title, level, label, blocks }: SectionView): string {
  const parts = [...(label === undefined ? [] : [`${labelText(label)}\n`]), ...blocks.map(blockText)]
  return [`${'#'.repeat(level)} ${text(title)}\n`, ...parts].join('\n')
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `${textOf(block.text)}\n`
    case 'heading':
      return `${'#'.repeat(block.level)} ${text(block.text)}\n`
    case 'list':
      return block.items.map((item) => `- ${textOf(item)}\n`).join('')
    case 'table': {
      const heads = block.columns.map(({ title }) => text(title))
      return captioned(
        block.caption,
        rows(
          heads,
          block.rows.map((cells) => cells.map(textOf)),
        ),
      )
    }
    case 'matrix':
      return matrixText(block)
    case 'bars':
      return barsText(block)
    case 'findings':
      return block.findings.map(findingText).join('')
    case 'network':
      return `${text(block.caption)}\n\n${block.nodes.map(nodeText).join('')}`
    case 'recipe':
      return recipeText(block)
    case 'requests':
      return rows(['No.', 'Id', 'When', 'Who', 'What', 'Answer'], block.requests.map(requestCells))
  }
}

function captioned(caption: string, body: string): string {
  return `**${text(caption)}**\n\n${body}`
}

/** Its legend is about colours, of which there are none here: the words of each cell say it. */
function matrixText({ caption, rowTitle, columns, groups }: Matrix): string {
  const heads = [rowTitle, ...columns.map(({ group, title }) => `${group}: ${title}`)].map(text)
  const body = groups.flatMap((group) => [
    ...(group.title === undefined ? [] : [[`**${text(group.title)}**`, ...columns.map(() => '')]]),
    ...group.rows.map(({ name, cells }) => [textOf(name), ...cells.map(cellText)]),
  ])
  return captioned(caption, rows(heads, body))
}

function cellText(cell: MatrixCell | undefined): string {
  if (cell === undefined) return ''
  return `${labelText(cell.label)}${cell.notes.length === 0 ? '' : ` (${text(cell.notes.join('; '))})`}`
}

function barsText({ caption, bars }: Bars): string {
  return captioned(
    caption,
    rows(
      ['Name', 'Time'],
      bars.map((bar) => [text(bar.name), text(bar.text)]),
    ),
  )
}

function findingText({ severity, code: name, where, message, remedy, owner, foundBy }: FindingView): string {
  const found = foundBy === undefined ? '' : ` (stage ${foundBy.stage}, ${timeText(foundBy.at)})`
  const todo = remedy === undefined ? '' : `. Remedy, by the ${owner}: ${text(remedy)}`
  return `- ${labelText(severity)} ${code(name)}${found}, ${text(where)}: ${text(message)}${todo}\n`
}

function nodeText({ kind, name, values }: NetworkNode): string {
  return `- ${text(kind)} ${text(name)}${values.length === 0 ? '' : `: ${values.map(text).join(', ')}`}\n`
}

function recipeText({ title, as, commands, expect }: RecipeView): string {
  const typed = commands.map((command) => `    ${oneLine(command)}\n`).join('')
  return `**${text(title)}** (as ${as})\n\n${typed}\nExpect: ${text(expect)}.\n`
}

function requestCells({ number, requestId, at, who, service, method, path, status }: RequestView): readonly string[] {
  return [
    String(number),
    code(requestId),
    at === undefined ? '' : timeText(at),
    text(who),
    `${text(service)} ${code(`${method} ${path}`)}`,
    String(status ?? ''),
  ]
}
