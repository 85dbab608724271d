/*
 * Loaded before the command (`node --import`): SIGKILL before, after, or in the middle of the KILL_AT-th call that changes something
 * on disk. Without KILL_AT their names go into the file KILL_COUNT.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const at = Number(process.env.KILL_AT ?? 0)
const when = process.env.KILL_WHEN
const said = process.env.KILL_COUNT
let calls = 0
if (said !== undefined) fs.writeFileSync(said, '')

function wrap(owner, name, halve) {
  const real = owner[name]
  owner[name] = async function (...argv) {
    // what is opened to be read is left as it was
    if (name === 'open' && (Number(argv[1] ?? 0) & fs.constants.O_CREAT) === 0) return real.apply(this, argv)
    calls++
    if (said !== undefined) fs.appendFileSync(said, `${name}\n`)
    const isStruck = calls === at
    if (isStruck && when === 'before') die()
    if (isStruck && when === 'half' && halve !== undefined) {
      await real.apply(this, halve(argv))
      die()
    }
    try {
      return await real.apply(this, argv)
    } finally {
      if (isStruck && when !== 'before') die()
    }
  }
}

function die() {
  process.kill(process.pid, 'SIGKILL')
  // the signal may take a moment; nothing may happen until then
  for (;;);
}

const half = ([content, ...rest]) => [content.slice(0, content.length / 2), ...rest]
const handle = await fs.promises.open('/dev/null')
const prototype = Object.getPrototypeOf(handle)
await handle.close()
for (const name of ['open', 'rename', 'rm', 'unlink', 'mkdir', 'chmod']) wrap(fs.promises, name)
for (const name of ['chmod', 'chown', 'sync']) wrap(prototype, name)
wrap(prototype, 'writeFile', half)
syncBuiltinESMExports()
