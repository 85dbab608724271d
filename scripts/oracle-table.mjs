// Writes what the stories on `lab/up releases` counted into docs/releases.md, from LAB_DIR/releases/results.
//
//   node scripts/oracle-table.mjs [FOLDER]
//
// Rows of the page whose release and comparison FOLDER lacks stay as they are, so that a part can be run again.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const page = new URL('../docs/releases.md', import.meta.url)
const folder = process.argv[2] ?? join(process.env['LAB_DIR'] ?? '/var/lib/tenant-onboard-lab', 'releases', 'results')
const packages = JSON.parse(
  await readFile(new URL('../src/policy/releases/rules/packages.json', import.meta.url), 'utf8'),
)
const marks = ['<!-- oracle: node scripts/oracle-table.mjs -->', '<!-- end of oracle -->']
const head = ['Keystone', 'Base', 'Fixes', 'Compared', 'Share', 'Counted', 'Wrong']

const results = []
for (const name of (await readdir(folder)).sort()) {
  if (name.endsWith('.json')) results.push(JSON.parse(await readFile(join(folder, name), 'utf8')))
}
const rows = new Map()
const text = await readFile(page, 'utf8')
const [before, rest] = text.split(marks[0])
const [old, after] = rest?.split(marks[1]) ?? []
if (after === undefined) throw new Error(`${page.pathname} lacks its marks`)
for (const line of old.split('\n')) {
  const cells = line.split('|').map((cell) => cell.trim())
  if (cells.length > head.length && cells[1] !== head[0] && !/^-+$/.test(cells[1]))
    rows.set(keyOf(cells[1], cells[2], cells[4]), cells.slice(1, -1))
}
for (const { release, base, what, isWhole, counts, wrong } of results) {
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  rows.set(keyOf(release, base, what), [
    release,
    base,
    packages[release].fixes.map((fix) => `\`${fix}\``).join(' ') || 'none',
    what,
    isWhole ? 'whole' : 'sample',
    counted.join(', '),
    String(wrong.length),
  ])
}
const table = [head, head.map(() => '---'), ...[...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cells]) => cells)]
const lines = table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
await writeFile(page, `${before}${marks[0]}\n\n${lines}\n\n${marks[1]}${after}`)

function keyOf(release, base, what) {
  return `${what} ${base} ${release}`
}
