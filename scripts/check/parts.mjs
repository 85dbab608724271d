// Runs commands side by side, as many as the machine has cores, and says which of them failed.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Runs every part, `{ name, command: [program, ...arguments] }`, and prints the output of those that failed and one line for each.
 * A part that fails stops no other one, so that one run tells everything. The result is the exit code: 0, or 1 if any part failed.
 */
export async function runParts(parts) {
  const waiting = [...parts]
  const failed = []
  const worker = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const from = performance.now()
      const { code, output } = await run(part.command)
      const seconds = `${((performance.now() - from) / 1000).toFixed(1)} s`
      if (code === 0) {
        process.stdout.write(`ok      ${part.name}, ${seconds}${lastLine(part, output)}\n`)
      } else {
        failed.push(part.name)
        process.stdout.write(`failed  ${part.name}, ${seconds}: ${part.command.join(' ')}\n${output}\n`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  if (failed.length > 0) process.stdout.write(`failed: ${failed.join(', ')}\n`)
  return failed.length === 0 ? 0 : 1
}

/** The programs are those of node_modules/.bin, which `npm run` puts into PATH. */
function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (bytes) => (output += bytes.toString())
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Tests end with a line that says how many passed. */
function lastLine(part, output) {
  return part.saysResult ? `: ${output.trimEnd().split('\n').at(-1)}` : ''
}

/**
 * ESLint and Prettier skip a file whose bytes are those of their last run. ESLint's rules about types also depend on other files, so a
 * cached result may be out of date after a type has changed elsewhere. CI therefore keeps no cache.
 */
export function cached(tool) {
  if (process.env['CI'] !== undefined) return []
  return ['--cache', '--cache-location', `node_modules/.cache/tenant-onboard/${tool}`, '--cache-strategy', 'content']
}
