/** The data of a release beside the Keystone that it was read from: an update of the package must not go unnoticed. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { isInstalled, pythons, runPython } from './policy-oracle.ts'

type Dump = Readonly<
  Record<
    string,
    {
      readonly check_str: string
      readonly scope_types: readonly string[] | null
      readonly operations?: readonly string[]
      readonly deprecated?: { readonly name: string; readonly check_str: string }
    }
  >
>

const dump = readFileSync(new URL('../../scripts/dump-policies.py', import.meta.url), 'utf8')

for (const [python, release] of [
  [pythons[0], 'debian-22'],
  [pythons[1], 'debian-27'],
] as const) {
  test.runIf(python !== undefined && isInstalled(python))(
    `${release} has the rules of the Keystone in the lab`,
    async () => {
      const printed = python === undefined ? '{}' : await runPython(python, dump, '')
      const installed = JSON.parse(printed) as Dump
      const { registered, operations } = await loadKeystone(parseRelease(release))
      const ours = registered.map((rule) => [
        rule.name,
        {
          check_str: rule.check,
          scope_types: rule.scopes ?? null,
          operations: operations.get(rule.name),
          deprecated: rule.deprecated && { name: rule.deprecated.name, check_str: rule.deprecated.check },
        },
      ])
      const theirs = Object.entries(installed).map(([name, rule]) => [
        name,
        { ...rule, operations: rule.operations ?? [], deprecated: rule.deprecated },
      ])
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
    },
  )
}
