// What must hold before a commit, its parts side by side: node scripts/check/all.mjs [lint]. `lint` leaves out types and tests.
import { cached, runParts } from './parts.mjs'

const lint = [
  { name: 'eslint', command: ['eslint', ...cached('eslint'), '.'] },
  { name: 'unused code (knip)', command: ['knip'] },
  { name: 'format (prettier)', command: ['prettier', ...cached('prettier'), '--check', '.'] },
  { name: 'direction of imports (depcruise)', command: ['npm', 'run', '--silent', 'lint:imports'] },
]
const types = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the console pages', command: ['tsc', '--noEmit', '-p', 'src/console/web'] },
]
// the longest first, so that a short part does not wait for the end
const test = { name: 'tests', command: ['vitest', 'run'], saysResult: true }

const parts = process.argv[2] === 'lint' ? lint : [test, ...lint, ...types]
process.exitCode = await runParts(parts)
