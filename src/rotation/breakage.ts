import type { Account } from '../tenant/actors.ts'
import type { Custody } from '../tenant/custody.ts'
import { dependentLines } from '../tenant/dependents.ts'
import type { Dependents } from '../tenant/dependents.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** What a rotation ends and what it leaves working, shown before it starts. */
export type Breakage = {
  readonly ends: readonly string[]
  readonly lives: readonly string[]
  /** What to do afterwards. */
  readonly next: readonly string[]
}

/**
 * A new password ends the tokens of its user, but neither its application credentials nor its trusts. Removing a role
 * kills every trust that delegates it. keystone 22.0.2, keystone/identity/core.py, update_user calls
 * _persist_revocation_event_for_user; seen on the lab, test/lab/handover.test.ts.
 */
export function breakageOf({ names, projects }: Tenant, account: Account, custody: Custody, on: Dependents): Breakage {
  const tokens = (name: string): string => `all tokens of ${name} end: its sessions are signed out`
  switch (account) {
    case 'domain-admin':
      return {
        ends: [tokens(names.manager), `the delivered password no longer signs in`],
        lives: [`everything that ${names.manager} has made stays, and the other accounts keep their secrets`],
        next:
          custody.kind === 'own'
            ? []
            : ['deliver it to the tenant: `handover`, with `--again` if it was delivered before'],
      }
    case 'cluster': {
      const living = dependentLines(on)
      return {
        ends: [tokens(names.creator)],
        lives: [
          `its trusts and application credentials stay valid, and so does every cluster${living.length === 0 ? ': none was found' : ''}`,
          ...living.map((line) => `  ${line}`),
          ...(living.length === 0
            ? []
            : [
                `do not disable or delete ${names.creator}, and remove no role from it: without the role the trust ends, and with the trust these clusters`,
              ]),
        ],
        next: [],
      }
    }
    case 'svc':
      return {
        ends: [
          tokens(names.automation),
          ...projects.map(
            ({ names: { applicationCredential, project } }) =>
              `the secret of application credential ${applicationCredential} on ${project} ends: pipelines and tools that use it stop until they have the new one`,
          ),
        ],
        lives: [
          'an application credential that was made with it stays valid',
          ...dependentLines(on).map((line) => `  ${line}`),
        ],
        next: [],
      }
  }
}
