// Draws docs/demo.svg: a terminal in which `tenant-onboard demo` really ran. `npm run build` first, then node scripts/picture.mjs.
// Needs `script` of util-linux. Long tables of the output are left out, and each place says so.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import xterm from '@xterm/headless'

const COLUMNS = 100
const FILE = 'docs/demo.svg'
const PROGRAM = 'dist/tenant-onboard.js'

// px, of a monospaced font of 14 px
const CELL = { width: 8.43, height: 19 }
const MARGIN = 16
const BACKGROUND = '#1e1e2e'
const FOREGROUND = '#d9e0ee'
// of the 16 colours, as the program uses them
const COLOURS = ['#6e7191', '#f28fad', '#a6e3a1', '#fae3b0', '#96cdfb', '#d5aeea', '#89dceb', FOREGROUND]

// from the first line to the last one of a part that is left out
const LEFT_OUT = [
  [/^self-service\b.*create/, /^21 to do/],
  [/^ +PROBE +WHAT IT SHOWED/, /^scs-0302/],
  [/^Made by the operator/, /^\(in a checkout/],
]

/** What the terminal shows after the command, as rows of runs `{ text, colour, bold, dim }`. */
async function record(home) {
  const typescript = join(home, 'typescript')
  const command = `stty cols ${COLUMNS} rows 50; ${process.execPath} ${PROGRAM} demo`
  const env = { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', HOME: home }
  const { status } = spawnSync('script', ['--quiet', '--return', '--command', command, typescript], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`the demo ended with ${status}`)
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: 50, scrollback: 10_000, allowProposedApi: true })
  // the first and the last line are those of `script`
  const text = readFileSync(typescript, 'utf8')
    .replace(/^Script started.*\n/, '')
    .replace(/\nScript done[^]*$/, '')
  await new Promise((done) => terminal.write(text, done))
  const buffer = terminal.buffer.active
  const rows = Array.from({ length: buffer.length }, (_, y) => runsOf(buffer.getLine(y), home))
  while (textOf(rows.at(-1)).trim() === '') rows.pop()
  return rows
}

function runsOf(line, home) {
  const runs = []
  for (let x = 0; x < line.length; x++) {
    const cell = line.getCell(x)
    const style = {
      colour: cell.isFgDefault() ? FOREGROUND : COLOURS[cell.getFgColor() % 8],
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    }
    const last = runs.at(-1)
    const isSame = last && last.colour === style.colour && last.bold === style.bold && last.dim === style.dim
    if (isSame) last.text += cell.getChars() || ' '
    else runs.push({ text: cell.getChars() || ' ', ...style })
  }
  return runs.map((run) => ({ ...run, text: run.text.replaceAll(home, '~') }))
}

const textOf = (row) => row.map(({ text }) => text).join('')
const plain = (text, dim = false) => [{ text, colour: FOREGROUND, bold: false, dim }]

function withoutLongParts(rows) {
  const kept = []
  let end
  for (const row of rows) {
    const text = textOf(row)
    if (end === undefined) {
      end = LEFT_OUT.find(([first]) => first.test(text))?.[1]
      if (end) kept.push(plain('[..]', true))
    }
    if (end === undefined || end.test(text)) {
      if (end && /^\(/.test(text)) break
      end = undefined
      kept.push(row)
    }
  }
  return kept
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function svg(rows) {
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN)
  const height = Math.ceil(rows.length * CELL.height + 2 * MARGIN)
  const lines = rows.flatMap((row, y) => {
    let x = 0
    return row.flatMap(({ text, colour, bold, dim }) => {
      const at = { x: (MARGIN + x * CELL.width).toFixed(1), y: MARGIN + (y + 0.75) * CELL.height }
      x += text.length
      if (text.trim() === '') return []
      const style = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`
      return [
        `<text x="${at.x}" y="${at.y}" fill="${colour}"${style}>${escape(text.trimEnd()).replaceAll(' ', '\u00a0')}</text>`,
      ]
    })
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"
  font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<title>A terminal: the demo onboards the tenant acme, attacks its isolation, and says that it is isolated</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${lines.join('\n')}
</svg>
`
}

const home = mkdtempSync(join(tmpdir(), 't-'))
try {
  const rows = await record(home)
  writeFileSync(FILE, svg([plain('$ tenant-onboard demo'), ...withoutLongParts(rows)]))
  process.stdout.write(`${FILE}: ${rows.length} rows\n`)
} finally {
  rmSync(home, { recursive: true })
}
