import { dirname, join } from 'node:path'
import { checkExpectations, parseExpectations } from '../../policy/expectations.ts'
import type { ExpectationOutcome } from '../../policy/expectations.ts'
import { keystoneRules } from '../../policy/releases/keystone.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyTestOptions } from '../definitions/policy.ts'
import { print } from '../output.ts'
import { releaseIn, loadPolicySubject, readOverrides, readPolicyText } from '../policy-subject.ts'

/** 3 if an expectation is not met. The command line overrides the table. */
export async function policyTestCommand(file: string, options: PolicyTestOptions, io: CommandContext): Promise<number> {
  const table = parseExpectations(await readPolicyText(file, io), file)
  const release = options.release ?? (releaseIn(options.base) === undefined ? table.release : undefined)
  const named = options.base ?? table.base
  const subject = {
    ...options,
    ...(named === undefined ? {} : { base: named }),
    ...(release === undefined ? {} : { release }),
  }
  const loaded = await loadPolicySubject(subject, io)
  const { keystone, base } = loaded
  // Paths in a table are relative to the table.
  const files = options.override ?? table.overrides.map((name) => join(dirname(file), name))
  const overrides = await readOverrides(files, loaded, io)
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
