import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { InputError } from '../../errors.ts'
import { evalLine } from '../../policy/engine/eval.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyEvalOptions } from '../definitions/policy.ts'

/** Reads a line and writes a line, in order, one at a time. */
export async function policyEvalCommand({ requests }: PolicyEvalOptions, io: CommandContext): Promise<number> {
  const input = createReadStream(resolve(io.cwd, requests), 'utf8')
  const opened = new Promise<void>((done, failed) => {
    input.once('open', () => {
      done()
    })
    input.once('error', (error) => {
      failed(new InputError(`cannot read \`${requests}\``, { cause: error }))
    })
  })
  await opened
  // Only a line feed ends a question: JSON may hold any other kind of line end.
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() !== '') io.out(`${evalLine(line)}\n`)
  }
  return 0
}
