import { diffPolicies, renderDiff } from '../../policy/diff.ts'
import { keystoneRules, loadKeystone } from '../../policy/releases/keystone.ts'
import type { RuleSet } from '../../policy/engine/rules.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyDiffOptions } from '../definitions/policy.ts'
import { print } from '../output.ts'
import { releaseIn, loadBase, loadPolicySubject, readOverrides } from '../policy-subject.ts'
import type { PolicySubject } from '../policy-subject.ts'

/** Each side is `default`, `charm`, a release, or an override over the base. Exit 0, or 3 with `--exit-code`. */
export async function policyDiffCommand(
  a: string,
  b: string,
  options: PolicyDiffOptions,
  io: CommandContext,
): Promise<number> {
  const subject = await loadPolicySubject(options, io)
  const before = await policyNamed(a, subject, options, io)
  const after = await policyNamed(b, subject, options, io)
  const diff = diffPolicies(subject.keystone, before, after)
  print(io, options.output, diff, renderDiff)
  return options.exitCode === true && diff.changes.length > 0 ? 3 : 0
}

async function policyNamed(
  name: string,
  subject: PolicySubject,
  options: PolicyDiffOptions,
  io: CommandContext,
): Promise<RuleSet> {
  const release = releaseIn(name)
  if (release !== undefined) return keystoneRules(await loadKeystone(release), { base: subject.base })
  if (name === 'default' || name === 'charm') {
    return keystoneRules(subject.keystone, { base: await loadBase(name, options, io) })
  }
  const overrides = await readOverrides([name], subject, io)
  return keystoneRules(subject.keystone, { base: subject.base, overrides })
}
