import { resolve } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { CommandContext } from '../context.ts'
import { commandsBelow } from '../help.ts'
import type { ManOptions } from '../definitions/shell.ts'
import { manualPage, manualPages } from '../manual.ts'
import { save } from '../save.ts'

export async function manCommand(
  words: readonly string[],
  { all }: ManOptions,
  { program, io }: { readonly program: CommandUnknownOpts; readonly io: CommandContext },
): Promise<number> {
  if (all !== undefined) {
    for (const { file, text } of manualPages(program)) await save(resolve(io.cwd, all, file), text, 'page')
    return 0
  }
  const page = manualPage(program, words)
  if (page === undefined) {
    const typed = words.join(' ')
    const close = nearest(
      typed,
      commandsBelow(program).map(({ path }) => path),
    )
    const hint = close === undefined ? 'see `tenant-onboard --help`' : `did you mean \`${close}\`?`
    throw new InputError([{ message: `there is no command \`${typed}\``, hint }])
  }
  io.out(page)
  return 0
}
