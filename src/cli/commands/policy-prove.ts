import { InputError } from '../../errors.ts'
import { defaultManagedRoles } from '../../policy/build/managed-roles.ts'
import { keystoneRules } from '../../policy/releases/keystone.ts'
import { claimNames } from '../../policy/prove/claim.ts'
import type { ClaimName } from '../../policy/prove/claim.ts'
import { prove } from '../../policy/prove/prove.ts'
import { renderProof } from '../../policy/prove/render.ts'
import { withBuiltFor } from '../built-for.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyProveOptions } from '../definitions/policy.ts'
import { print } from '../output.ts'
import { readInferences } from '../role-inferences.ts'
import { loadPolicySubject, readOverrides, readPolicyText } from '../policy-subject.ts'

/** Proves claims about a base with overrides, or about the base alone. Exit 3 unless all are proved. */
export async function policyProveCommand(
  files: readonly string[],
  given: PolicyProveOptions,
  io: CommandContext,
): Promise<number> {
  const options = withBuiltFor(given, await Promise.all(files.map((file) => readPolicyText(file, io))))
  const subject = await loadPolicySubject(options, io)
  const { keystone, base } = subject
  const overrides = await readOverrides(files, subject, io)
  const proof = prove(keystone, {
    rules: keystoneRules(keystone, { base, overrides }),
    base: keystoneRules(keystone, { base }),
    managedRoles: options.managedRoles ?? defaultManagedRoles,
    magnumDomain: options.magnumDomain,
    inferences: await readInferences(options.roleInferences, io),
    ...(options.claim === undefined ? {} : { claims: options.claim.map(claimNamed) }),
  })
  print(io, options.output, proof, renderProof)
  return proof.answers.every(({ verdict }) => verdict === 'proved') ? 0 : 3
}

function claimNamed(name: string): ClaimName {
  const claim = claimNames.find((each) => each === name)
  if (claim !== undefined) return claim
  throw new InputError(`\`${name}\` is not a claim: write one of ${claimNames.join(', ')}`)
}
