/** What can be said about an override before any Keystone has it: lint, and the claims that must hold. */
import type { Finding } from '../finding.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import { lintPolicy } from '../policy/lint/lint.ts'
import { prove } from '../policy/prove/prove.ts'
import { overrideName } from '../policy/build/zip.ts'
import { overridesWith } from './base-config.ts'
import type { PolicyBase } from './base-config.ts'

export type InspectionOptions = {
  readonly policyBase: PolicyBase
  readonly managedRoles: readonly string[]
  readonly magnumDomain?: string | undefined
  /** Of the cloud. Those of bootstrap if they could not be read. */
  readonly inferences: RoleInferences | undefined
}

/**
 * Every finding of lint, and one for each claim that is not proved. Throws InputError for what Keystone cannot load.
 */
export function inspect(
  text: string,
  { policyBase, managedRoles, magnumDomain, inferences }: InspectionOptions,
): readonly Finding[] {
  const { keystone, base, others } = policyBase
  const linted = lintPolicy(text, { file: overrideName, over: { keystone, base } }).map(plain)
  const proof = prove(keystone, {
    rules: keystoneRules(keystone, { base, overrides: overridesWith(policyBase, text) }),
    base: keystoneRules(keystone, { base, overrides: others }),
    managedRoles,
    magnumDomain,
    inferences,
  })
  const open = proof.answers.filter(({ verdict }) => verdict !== 'proved')
  return [
    ...linted,
    ...open.map(({ claim, title, verdict, counterexamples, notShown }): Finding => {
      const about = [
        ...new Set([...counterexamples.map(({ action }) => action), ...notShown.map(({ action }) => action)]),
      ]
      return {
        code: 'delivery/not-proved',
        severity: 'error',
        where: about.slice(0, 3).join(', '),
        message: `\`${claim}\` is ${verdict} for this override: ${title}`,
        remedy:
          '`tenant-onboard policy prove` shows the requests; `tenant-onboard policy build` makes an override that holds',
        owner: 'operator',
      }
    }),
  ]
}

/** In the common form of findings: lint's places and edits are for `policy lint`. */
function plain({ code, severity, where, message, remedy, owner }: Finding): Finding {
  return { code, severity, where, message, ...(remedy === undefined ? {} : { remedy }), owner }
}
