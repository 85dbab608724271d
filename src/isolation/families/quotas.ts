/** A limit that a tenant can raise is no limit. These probes use a throwaway project of the tenant. */
import { hasService } from '../../openstack/has-service.ts'
import { quotaServices, quotaTable } from '../../openstack/quotas.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

/** A number that is no default. */
const RAISED = 4711

export async function probeQuotas(family: Family, { own, operator, throwaways }: VerificationFixture): Promise<void> {
  const as = own.account
  const { id: projectId, name } = as.project
  await Promise.all(
    quotaServices.map(async (service) => {
      const { type, raise, set, read, reset } = quotaTable[service]
      if (!(await hasService(as.session, type))) return
      await family.check({
        id: type,
        claim: `an account cannot raise its own limits (${type})`,
        as,
        whom: 'a throwaway project of its own',
        rule: raise.rule,
        expected: 'refused',
        code: 'isolation/quota',
        ask: (session) =>
          throwaways.make({
            kind: `${type} quota of`,
            name,
            create: () => set(session, projectId, { [raise.key]: RAISED }),
            find: () => Promise.resolve(projectId),
            remove: () => reset(operator, projectId),
          }),
        effect: async () => (await read(operator, projectId))[raise.key] === RAISED,
      })
    }),
  )
}
