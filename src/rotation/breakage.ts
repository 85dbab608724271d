import type { Account } from '../tenant/actors.ts'
import type { Custody } from '../tenant/custody.ts'
import { dependentLines } from '../tenant/dependents.ts'
import type { Dependents } from '../tenant/dependents.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** What a rotation ends and what it leaves alive, said before it is done. */
export type Breakage = {
  readonly ends: readonly string[]
  readonly lives: readonly string[]
  /** What to do when it is done. */
  readonly next: readonly string[]
}

/**
 * A new password ends the tokens of its user, and neither its application credentials nor its trusts; a role taken away
 * kills every trust that delegates it. keystone 22.0.2, keystone/identity/core.py, update_user calls
 * _persist_revocation_event_for_user; seen on the lab, test/lab/handover.test.ts.
 */
export function breakageOf({ names, projects }: Tenant, account: Account, custody: Custody, on: Dependents): Breakage {
  const tokens = (name: string): string => `every token of ${name} ends: whoever is signed in as it is signed out`
  switch (account) {
    case 'domain-admin':
      return {
        ends: [tokens(names.manager), `the password that was handed over no longer signs in`],
        lives: [`what ${names.manager} has made stays as it is, the other accounts keep their secrets`],
        next:
          custody.kind === 'own'
            ? []
            : ['deliver it to the tenant: `handover`, with `--again` where it was delivered before'],
      }
    case 'cluster': {
      const living = dependentLines(on)
      return {
        ends: [tokens(names.creator)],
        lives: [
          `its trusts and application credentials live on, and so does every cluster${living.length === 0 ? ': none was found' : ''}`,
          ...living.map((line) => `  ${line}`),
          ...(living.length === 0
            ? []
            : [
                `do not disable or delete ${names.creator}, or take a role from it: a trust dies with one role, and these clusters with the trust`,
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
          'an application credential that another one of it made lives on',
          ...dependentLines(on).map((line) => `  ${line}`),
        ],
        next: [],
      }
  }
}
