/** What is seen right after a service or a cluster has begun, and must not be taken for a fault. */
import { expect, test } from 'vitest'
import { describeStanding } from '../../src/onboarding/cluster/standing.ts'
import type { ClusterState } from '../../src/onboarding/cluster/standing.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'

/** Barbican 15.0.1 registers its rules at its first request. */
const unregistered = {
  kind: 'answer',
  service: 'key-manager',
  path: '^/v1/secrets',
  status: 500,
  body: {
    code: 500,
    title: 'Internal Server Error',
    description: 'Secret creation failure seen - please contact site administrator.',
  },
} as const

test.each([
  [1, 0, 'works'],
  [undefined, 3, 'does not work'],
] as const)('a Barbican that answers its first %s requests with 500: exit %i', async (times, exit, answer) => {
  const bed = await openSimulated({
    isPersonaBuilt: true,
    faults: [{ ...unregistered, ...(times === undefined ? {} : { times }) }],
  })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('preflight', file, '--probe')
  expect(code, out + err).toBe(exit)
  expect(out).toMatch(new RegExp(`certificate store: +${answer}`))
  // five failures would lock Barbican out of Vault
  const tried = bed.sent.filter(({ method, path }) => method === 'POST' && path.endsWith('/v1/secrets'))
  expect(tried).toHaveLength(1)
  await bed.remove()
})

const cluster = { status: 'CREATE_IN_PROGRESS', stack_id: null, status_reason: null, api_address: null }
const standing = (of: Partial<ClusterState>, fields: object = {}): string =>
  describeStanding('c', {
    cluster: { ...cluster, ...fields } as ClusterState['cluster'],
    hasTrustee: undefined,
    trusts: [],
    habit: 'always',
    looksForTrust: true,
    ...of,
  })

test('what comes next is not what an earlier gate has seen', () => {
  expect(standing({})).toContain('trustee and trust come next')
  expect(standing({ looksForTrust: false })).toContain('certificates and driver come next')
})

test('a release that has its name is not there yet', () => {
  const named = { stack_id: 'c-abcdefghijkl' }
  expect(standing({}, named)).toContain('the driver works on Helm release c-abcdefghijkl')
  expect(standing({}, { ...named, api_address: 'https://203.0.113.7:6443' })).toContain(
    'Cluster API makes the machines',
  )
})
