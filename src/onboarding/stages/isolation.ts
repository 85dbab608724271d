import { randomBytes } from 'node:crypto'
import { StopError } from '../../errors.ts'
import { evidenceOf } from '../../probes/claim.ts'
import { probeTenant } from '../../probes/tenant-probe.ts'
import type { Stage } from '../stage.ts'
import { domainOf } from './domain.ts'
import { projectOf } from './accounts.ts'

/**
 * Shows that the domain manager cannot escalate and cannot see another domain, before the accounts get anything to work
 * with. `verify` runs the whole catalogue at any time.
 */
export const isolationStage: Stage<'isolation'> = {
  name: 'isolation',
  resources: () => [],
  isProbing: true,
  // on the domain, its accounts and their roles; a quota gives nobody a right
  restsOn: ({ stage, kind }) => stage === 'domain' || (stage === 'self-service' && kind !== 'quota'),
  gates: [
    {
      name: 'complete',
      async check({ tenant, known, sessions, clock, record, probeRuns }) {
        const manager = await sessions.at({ actor: 'manager' })
        if (manager === undefined)
          throw new StopError('the domain manager cannot sign in here: its secret is not in the data directory')
        const operator = await sessions.at({ actor: 'operator' })
        const { results, findings } = await probeTenant({
          manager,
          looked: sessions.look(manager),
          operator,
          domainId: known.need(domainOf(tenant)).id,
          projectId: known.need(projectOf(tenant, tenant.projects[0])).id,
          roles: known.shared.choice.roles,
          random: randomBytes,
          now: clock.now,
          runs: await probeRuns('domain'),
        })
        record(results.map(evidenceOf), findings)
      },
    },
  ],
}
