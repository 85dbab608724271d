import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
}

const documented = [...readFileSync('docs/findings.md', 'utf8').matchAll(/^## ([a-z]+\/[a-z0-9-]+)$/gm)].map(
  (match) => match[1] ?? '',
)

test('every code that a finding can have has its section in docs/findings.md', () => {
  const text = sources('src')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  const codes = new Set(
    [
      ...text.matchAll(
        /'((?:delivery|diagnosis|handover|accept|rotate|dashboard|offboard|plan|preflight|cloud|isolation|policy|audit|verify|catalog)\/[a-z0-9-]+)'/g,
      ),
    ].map((match) => match[1] ?? ''),
  )
  // ids of resources look alike and are no findings
  const resources = new Set(['isolation/checks'])
  expect([...codes].filter((code) => !documented.includes(code) && !resources.has(code)).sort()).toEqual([])
})

test('docs/findings.md tells of no code that is gone, and of none twice', () => {
  const text = sources('src')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  expect(documented.filter((code) => !text.includes(code.split('/')[1] ?? ''))).toEqual([])
  expect(new Set(documented).size).toBe(documented.length)
})

test('sources are ASCII', () => {
  const strange = [...sources('src'), ...sources('test')].filter(
    (path) => !/^[\x00-\x7f]*$/.test(readFileSync(path, 'utf8')),
  )
  expect(strange).toEqual([])
})
