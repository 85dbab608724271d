// A quick look at what has changed since a commit: node scripts/check/fast.mjs [COMMIT]. Without one it is where the branch left main.
//
// It runs tsc (incremental), ESLint and Prettier on the changed files, and the unit tests nearest to them by imports. It does not replace
// `npm run check`: it leaves out the direction of imports, unused code and distant tests, and says which tests it left out.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cached, runParts } from './parts.mjs'
import { reached, relatedTests } from './related.mjs'

// of test time by the last run, so that the whole stays below 20 s for a one-line change on two cores
const TEST_SECONDS = 10
// about texts, to which no import leads
const always = ['decisions', 'findings', 'registries', 'words'].map((name) => `test/repo/${name}.test.ts`)

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line !== '')
}

/** Where this branch left main, or the last commit where there is no main. */
function defaultBase() {
  for (const main of ['main', 'origin/main']) {
    try {
      return git('merge-base', 'HEAD', main)[0]
    } catch {
      continue
    }
  }
  return 'HEAD'
}

const base = process.argv[2] ?? defaultBase()
const changed = [...git('diff', '--name-only', base), ...git('ls-files', '--others', '--exclude-standard')]
const files = changed.filter((file) => existsSync(file))
if (changed.length === 0) {
  process.stdout.write(`nothing has changed since ${base}\n`)
  process.exit(0)
}

const distance = reached(changed)
const scripts = files.filter((file) => /\.(tsx?|mjs|cjs|js)$/.test(file))
const isWeb = (file) => file.startsWith('src/console/web/')
const { run, left } = relatedTests(distance, TEST_SECONDS)
const parts = [
  { name: 'tests', command: ['vitest', 'run', ...run, ...always], saysResult: true },
  ...(scripts.length > 0 ? [{ name: 'eslint', command: ['eslint', ...cached('eslint'), ...scripts] }] : []),
  ...(scripts.some((file) => !isWeb(file)) ? [{ name: 'types', command: ['tsc', '--noEmit'] }] : []),
  ...([...distance.keys()].some(isWeb)
    ? [{ name: 'types of the console pages', command: ['tsc', '--noEmit', '-p', 'src/console/web'] }]
    : []),
  ...(files.length > 0
    ? [
        {
          name: 'format (prettier)',
          command: ['prettier', ...cached('prettier'), '--check', '--ignore-unknown', ...files],
        },
      ]
    : []),
  ...(files.some((file) => file.endsWith('.md'))
    ? [{ name: 'sentences and links of pages', command: ['vitest', 'run', 'test/repo/prose.test.ts'] }]
    : []),
]
process.exitCode = await runParts(parts)
if (left.length > 0) {
  const shown = left.slice(0, 3).join(' ')
  process.stdout.write(`not run: ${left.length} more test files that import the change, the nearest: ${shown}\n`)
}
