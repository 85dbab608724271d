import { dirname, join } from 'node:path'
import { checkExpectations, parseExpectations } from '../../policy/expectations.ts'
import type { ExpectationOutcome } from '../../policy/expectations.ts'
import { keystoneRules } from '../../policy/releases/keystone.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../output.ts'
import type { Format } from '../output.ts'
import { releaseIn, loadPolicySubject, readPolicyText } from '../policy-subject.ts'
import type { PolicySubjectOptions } from '../policy-subject.ts'

export type TestCommandOptions = PolicySubjectOptions & {
  readonly override?: readonly string[] | undefined
  readonly output: Format
}

/** 3 if an expectation is not met. The command line overrides the table. */
export async function policyTestCommand(
  file: string,
  options: TestCommandOptions,
  io: CommandContext,
): Promise<number> {
  const table = parseExpectations(await readPolicyText(file, io), file)
  const release = options.release ?? (releaseIn(options.base) === undefined ? table.release : undefined)
  const { keystone, base } = await loadPolicySubject({ ...options, base: options.base ?? table.base, release }, io)
  // Paths in a table are relative to the table.
  const files = options.override ?? table.overrides.map((name) => join(dirname(file), name))
  const overrides = await Promise.all(files.map(async (name) => ({ file: name, text: await readPolicyText(name, io) })))
  const before = keystoneRules(keystone, { base })
  const outcomes = checkExpectations(table, file, keystone, before, keystoneRules(keystone, { base, overrides }))
  print(io, options.output, outcomes, (all) => renderOutcomes(all, file))
  return outcomes.every(({ isMet }) => isMet) ? 0 : 3
}

function renderOutcomes(outcomes: readonly ExpectationOutcome[], file: string): string {
  const failed = outcomes.filter(({ isMet }) => !isMet)
  const lines = failed.flatMap((outcome) => [
    `${file}:${outcome.line}: ${outcome.persona} at ${outcome.place}: ${outcome.operation}: expected ${outcome.expected}, got ${outcome.got}`,
    `  ${outcome.request}`,
    ...(outcome.because === undefined ? [] : [`  ${outcome.because}`]),
  ])
  return `${[...lines, `${outcomes.length - failed.length} of ${outcomes.length} as expected`].join('\n')}\n`
}
