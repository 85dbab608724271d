import { diffPolicies, renderDiff } from '../../policy/diff.ts'
import { keystoneRules, loadKeystone } from '../../policy/releases/keystone.ts'
import type { RuleSet } from '../../policy/engine/rules.ts'
import type { Io } from '../context.ts'
import { print } from '../output.ts'
import type { Format } from '../output.ts'
import { dialectIn, loadBase, loadGround, readPolicyText } from '../policy-ground.ts'
import type { Ground, GroundOptions } from '../policy-ground.ts'

export type DiffCommandOptions = GroundOptions & { readonly exitCode?: true | undefined; readonly output: Format }

/** Each side is `default`, `charm`, a dialect, or an override laid over the base. 0, or 3 with `--exit-code`. */
export async function policyDiffCommand(a: string, b: string, options: DiffCommandOptions, io: Io): Promise<number> {
  const ground = await loadGround(options, io)
  const before = await policyNamed(a, ground, options, io)
  const after = await policyNamed(b, ground, options, io)
  const diff = diffPolicies(ground.keystone, before, after)
  print(io, options.output, diff, renderDiff)
  return options.exitCode === true && diff.changes.length > 0 ? 3 : 0
}

async function policyNamed(name: string, ground: Ground, options: DiffCommandOptions, io: Io): Promise<RuleSet> {
  const dialect = dialectIn(name)
  if (dialect !== undefined) return keystoneRules(await loadKeystone(dialect), { base: ground.base })
  if (name === 'default' || name === 'charm') {
    return keystoneRules(ground.keystone, { base: await loadBase(name, options, io) })
  }
  const overrides = [{ file: name, text: await readPolicyText(name, io) }]
  return keystoneRules(ground.keystone, { base: ground.base, overrides })
}
