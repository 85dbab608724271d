/** What a suite of other people says of each of its tests, on the lab and on the simulator. */
import { execFile } from 'node:child_process'
import { expect } from 'vitest'
import type { CloudName } from './clouds.ts'

export type Outcome = { readonly end: 'passed' | 'failed' | 'skipped'; readonly said: string }
export type Outcomes = ReadonlyMap<string, Outcome>

/** Tests that end otherwise on the simulator, and what stands in their output there. docs/simulator.md names the causes. */
export type Differences = Readonly<Record<string, string>>

/** Each test ends on both alike, but for those that are listed; and each of the list still differs, for the reason that it has. */
export function expectAlike(of: Readonly<Record<CloudName, Outcomes>>, listed: Differences): void {
  const names = [...new Set([...of.lab.keys(), ...of.simulator.keys()])]
  const differing = names.filter((name) => of.lab.get(name)?.end !== of.simulator.get(name)?.end)
  const told = differing.map((name) => {
    const { lab, simulator } = { lab: of.lab.get(name), simulator: of.simulator.get(name) }
    return `${name}: ${lab?.end ?? 'not run'} on the lab, ${simulator?.end ?? 'not run'} on the simulator\n${simulator?.said.slice(-600) ?? ''}`
  })
  expect(differing.toSorted(), told.join('\n')).toEqual(Object.keys(listed).toSorted())
  for (const name of differing) expect(of.simulator.get(name)?.said, name).toContain(listed[name])
}

/** All that a program said; its exit code is not asked, because a failed test is one of its answers. */
export function outputOf(
  program: string,
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, argv, { ...options, maxBuffer: 2 ** 28 }, (error, out, err) => {
      // a program that does not start has an error's name and no code
      if (typeof error?.code === 'string') reject(new Error(error.message, { cause: error }))
      else resolve(out + err)
    })
  })
}
