/** docs/decisions/README.md has a row for every record, with its number and title, and no other. */
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = 'docs/decisions'

/** Rows `| [0001](0001-slug.md) | Title |` of the table of contents, as `0001-slug.md: 0001 Title`. */
function rowsOf(table: string): readonly string[] {
  return [...table.matchAll(/^\| \[(\d{4})\]\(([^)]+)\) \| (.+) \|$/gm)].map(
    ([, id, file, title]) => `${file}: ${id} ${title}`,
  )
}

/** A record begins `# 0001. Title`; the dot may be a colon or absent. */
function entryOf(file: string, text: string): string {
  const [, id, title] = /^# (\d{4})[.:]? (.+)$/m.exec(text) ?? []
  return `${file}: ${id} ${title}`
}

const files = readdirSync(folder).filter((file) => /^\d{4}-.*\.md$/.test(file))

test('each record is in the table of contents by its file, number and title, once', () => {
  const rows = rowsOf(readFileSync(`${folder}/README.md`, 'utf8'))
  expect([...rows].sort()).toEqual(files.map((file) => entryOf(file, readFileSync(`${folder}/${file}`, 'utf8'))).sort())
})

test('no two records have one number, and each has that of its file', () => {
  const ids = files.map((file) => file.slice(0, 4))
  expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([])
  expect(
    files.filter((file) => !readFileSync(`${folder}/${file}`, 'utf8').startsWith(`# ${file.slice(0, 4)}`)),
  ).toEqual([])
})

test('another title, or a missing row, is a difference', () => {
  const [row] = rowsOf('| | |\n|---|---|\n| [0001](0001-one.md) | One |\n')
  expect(row).toBe(entryOf('0001-one.md', '# 0001: One\n'))
  expect(row).not.toBe(entryOf('0001-one.md', '# 0001: Two\n'))
  expect(rowsOf('no table')).toEqual([])
})
