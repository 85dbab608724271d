// Writes the table of Keystone's packages and their fixes into docs/releases.md, from src/policy/releases/rules/packages.json.
//
//   node scripts/release-table.mjs [--check]
//
// With --check nothing is written, and the exit code is 1 if the page differs.
import { readFile, writeFile } from 'node:fs/promises'

const page = new URL('../docs/releases.md', import.meta.url)
const packages = JSON.parse(
  await readFile(new URL('../src/policy/releases/rules/packages.json', import.meta.url), 'utf8'),
)
const fixes = ['lp-2041611', 'ossa-2025-002', 'ossa-2026-005', 'lp-2138295', 'ossa-2026-015', 'aug-2026', 'oct-2026']
const series = [...new Set(Object.values(packages).map((one) => one.series))]

/** Packages in a row of the table have the same fixes and the same rules. */
function rowsOf(name) {
  const rows = new Map()
  for (const [release, one] of Object.entries(packages)) {
    if (one.series !== name) continue
    const key = JSON.stringify([one.fixes, release.includes('deb')])
    rows.set(key, { releases: [...(rows.get(key)?.releases ?? []), release], fixes: one.fixes })
  }
  return [...rows.values()]
}

const lines = [
  `| Series | Packages | ${fixes.map((fix) => `\`${fix}\``).join(' | ')} |`,
  `|---|---|${fixes.map(() => '---').join('|')}|`,
  ...series.flatMap((name) =>
    rowsOf(name).map(({ releases, fixes: own }) => {
      const cells = fixes.map((fix) => (own.includes(fix) ? 'yes' : 'no'))
      return `| ${name} | ${releases.join(', ')} | ${cells.join(' | ')} |`
    }),
  ),
]
const marks = ['<!-- packages: node scripts/release-table.mjs -->', '<!-- end of packages -->']
const text = await readFile(page, 'utf8')
const [before, rest] = text.split(marks[0])
const after = rest?.split(marks[1])[1]
if (after === undefined) throw new Error(`${page.pathname} lacks its marks`)
const made = `${before}${marks[0]}\n\n${lines.join('\n')}\n\n${marks[1]}${after}`
if (!process.argv.includes('--check')) await writeFile(page, made)
else if (made !== text) {
  process.stderr.write('docs/releases.md has another table: run `node scripts/release-table.mjs`\n')
  process.exitCode = 1
}
