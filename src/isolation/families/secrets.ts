import {
  createStoredSecret,
  deleteStoredSecret,
  getStoredPayload,
  getStoredSecret,
  listStoredSecrets,
} from '../../openstack/barbican.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { hasService } from '../../openstack/has-service.ts'

/** The target is a throwaway secret of the operator's project: not every cloud lets a neighbour store one. */
export async function probeSecrets(family: Family, fixture: VerificationFixture): Promise<void> {
  const { own, operator, throwaways } = fixture
  const as = own.account
  if (!(await hasService(as.session, 'key-manager'))) return
  const name = throwaways.name('secret')
  const id = await throwaways.make({
    kind: 'secret',
    name,
    create: () => createStoredSecret(operator, { name, payload: throwaways.payload }),
    find: async () => (await listStoredSecrets(operator, { name }))[0]?.id,
    remove: (secret) => deleteStoredSecret(operator, secret),
  })
  const common = { as, whom: 'a throwaway secret of the operator', expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: 'read',
      claim: 'an account cannot read the metadata of a secret of another project',
      rule: 'secret:get',
      ask: (session) => getStoredSecret(session, id),
    }),
    family.check({
      ...common,
      id: 'decrypt',
      claim: 'an account cannot read the payload of a secret of another project',
      rule: 'secret:decrypt',
      ask: (session) => getStoredPayload(session, id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list',
      claim: 'an account sees no secret of another project',
      rule: 'secrets:get',
      ask: (session) => listStoredSecrets(session),
      shows: (list) => list.some((secret) => secret.id === id),
      describe: (list) => `${list.length} listed`,
    }),
  ])
  await family.check({
    ...common,
    id: 'delete',
    claim: 'an account cannot delete a secret of another project',
    rule: 'secret:delete',
    ask: (session) => deleteStoredSecret(session, id),
    effect: () => isGone(getStoredSecret(operator, id)),
  })
}
