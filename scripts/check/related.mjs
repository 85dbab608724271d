// The test files that a change concerns, by the imports of the repository.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const code = /\.(tsx?|mjs)$/
const importOf = /(?:\bfrom|\bimport\(?)\s*['"](\.[^'"]+)['"]/g
// what `npm test` runs; the other suites need a build, a browser, a database or the lab
const unit = /^test\/(?!lab\/|contract\/|crash\/|package\/|browser\/|fleet-database\/).*\.test\.ts$/

/** Importers of each file, by path from the root of the repository. */
function importers() {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'test'], {
    encoding: 'utf8',
  })
  const found = new Map()
  for (const file of files.split('\n').filter((path) => code.test(path))) {
    let text
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      continue // deleted, and not yet committed
    }
    for (const [, path] of text.matchAll(importOf)) {
      const target = normalize(join(dirname(file), path))
      if (!found.has(target)) found.set(target, [])
      found.get(target).push(file)
    }
  }
  return found
}

/** Everything that imports one of the files, directly or not, with the number of imports between: 0 is the file itself. */
export function reached(files) {
  const by = importers()
  const distance = new Map(files.map((file) => [file, 0]))
  for (const [file, far] of distance) {
    for (const importer of by.get(file) ?? []) if (!distance.has(importer)) distance.set(importer, far + 1)
  }
  return distance
}

/**
 * `{ run, left }`: the tests to run first, which take `seconds` together by their last run, and the rest. First come tests that import a
 * changed file themselves, then those of the same area (src/fleet and test/fleet), then the others.
 */
export function relatedTests(distance, seconds) {
  const took = durations()
  const cost = (file) => took.get(file) ?? 2
  const areas = new Set([...distance].filter(([, far]) => far === 0).map(([file]) => file.split('/')[1]))
  const rank = (file, far) => (far <= 1 ? 0 : areas.has(file.split('/')[1]) ? 1 : 2)
  const tests = [...distance]
    .filter(([file]) => unit.test(file))
    .map(([file, far]) => ({ file, rank: rank(file, far) }))
  tests.sort((a, b) => a.rank - b.rank || cost(a.file) - cost(b.file))
  const run = []
  const left = []
  let sum = 0
  for (const { file } of tests) {
    if (sum + cost(file) <= seconds) {
      sum += cost(file)
      run.push(file)
    } else left.push(file)
  }
  return { run, left }
}

/** Seconds of each test file when vitest last ran it here; empty before the first run. */
function durations() {
  const found = new Map()
  const root = 'node_modules/.vite/vitest'
  try {
    for (const folder of readdirSync(root)) {
      const { results } = JSON.parse(readFileSync(join(root, folder, 'results.json'), 'utf8'))
      for (const [name, { duration }] of results) found.set(name.replace(/^[^:]*:/, ''), duration / 1000)
    }
  } catch {
    // no run yet, or a version of vitest that keeps them elsewhere: every file counts alike
  }
  return found
}
