import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { CommandContext } from '../context.ts'
import type { ExplainOptions } from '../definitions/tenant.ts'
import { paint, print } from '../output.ts'
import { readShippedText } from '../shipped.ts'

/** Prints what docs/findings.md says of a code. Sends no request to a cloud. */
export async function explain(code: string, options: ExplainOptions, io: CommandContext): Promise<number> {
  const sections = sectionsOf(await readShippedText('docs', 'findings.md'))
  const text = sections.get(code)
  if (text === undefined) throw unknown(code, [...sections.keys()])
  print(io, options.output, { code, text }, () => `${paint(io, 'bold', code)}\n\n${text}\n`)
  return 0
}

/** The text of each section, by its code. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  return new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const end = section.indexOf('\n')
        return [section.slice(0, end).trim(), section.slice(end).trim()] as const
      }),
  )
}

function unknown(code: string, codes: readonly string[]): InputError {
  const close = nearest(code, codes)
  const part = codes.filter((one) => one.startsWith(`${code.split('/')[0] ?? ''}/`))
  const parts = [...new Set(codes.map((one) => one.split('/')[0] ?? ''))]
  const hint =
    close !== undefined
      ? `did you mean \`${close}\`?`
      : part.length > 0
        ? `codes: ${part.join(', ')}`
        : `codes begin with ${parts.map((one) => `${one}/`).join(', ')}`
  return new InputError([{ message: `there is no finding \`${code}\``, hint }])
}
