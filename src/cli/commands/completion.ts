import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { completionScript } from '../completion.ts'
import type { CommandContext } from '../context.ts'
import { shells } from '../definitions/shell.ts'

export function completionCommand(name: string, program: CommandUnknownOpts, io: CommandContext): number {
  const shell = shells.find((one) => one === name)
  if (shell === undefined) {
    const close = nearest(name, shells)
    const hint = close === undefined ? `one of ${shells.join(', ')}` : `did you mean \`${close}\`?`
    throw new InputError([{ message: `there is no completion for \`${name}\``, hint }])
  }
  io.out(completionScript(shell, program))
  return 0
}
