import { expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { CloudError } from '../../src/errors.ts'
import { listStoredSecrets } from '../../src/openstack/barbican.ts'
import { getImage } from '../../src/openstack/glance.ts'
import { getDomain, listDomains } from '../../src/openstack/keystone/domains.ts'
import { listRoleAssignments } from '../../src/openstack/keystone/role-assignments.ts'
import { listClusters } from '../../src/openstack/magnum/clusters.ts'
import { getRouter } from '../../src/openstack/neutron/routers.ts'
import { getComputeQuota } from '../../src/openstack/nova.ts'
import type { Session } from '../../src/openstack/session.ts'
import { messageOf } from '../../src/openstack/envelope.ts'
import { fakeCloud, tokenBody } from './fake.ts'

const calls: readonly (readonly [string, (session: Session) => Promise<unknown>, string])[] = [
  ['domain', (session) => getDomain(session, 'd1'), '{"domain":{"id":"d1","name":"acme","enabled":true}}'],
  [
    'domains',
    (session) => listDomains(session),
    '{"domains":[{"id":"d1","name":"acme","enabled":true}],"links":{"next":null}}',
  ],
  [
    'assignments',
    (session) => listRoleAssignments(session),
    '{"role_assignments":[{"role":{"id":"r"},"user":{"id":"u"},"scope":{"system":{"all":true}}}]}',
  ],
  [
    'router',
    (session) => getRouter(session, 'r1'),
    '{"router":{"id":"r1","name":"r","project_id":"p","status":"ACTIVE","admin_state_up":true,"external_gateway_info":null}}',
  ],
  [
    'image',
    (session) => getImage(session, 'i1'),
    '{"id":"i1","name":null,"status":"active","visibility":"public","owner":null,"protected":false,"min_ram":0,"min_disk":0,"created_at":""}',
  ],
  ['quota', (session) => getComputeQuota(session, 'p1'), '{"quota_set":{"id":"p1","cores":20}}'],
  ['clusters', (session) => listClusters(session), '{"clusters":[],"next":null}'],
  ['secrets', (session) => listStoredSecrets(session), '{"secrets":[],"total":0}'],
]

/** One or two bytes of a good answer changed, dropped or doubled. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('drop', 'double', 'change', 'cut'),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { minLength: 1, maxLength: 2 },
)

test.each(calls)('%s: whatever comes back, it is read or it is a CloudError', async (_, call, good) => {
  const answer = async (body: string | Uint8Array, status: number, type: string): Promise<void> => {
    const { session } = fakeCloud(() => new Response(body, { status, headers: { 'content-type': type } }), {
      retry: { attempts: 1 },
      signIn: () =>
        new Response(
          JSON.stringify(
            tokenBody({
              catalog: ['compute', 'network', 'image', 'key-manager', 'container-infra'].map((type) => ({
                type,
                endpoints: [{ interface: 'public', region: 'R', url: `https://${type}.example` }],
              })),
            }),
          ),
          {
            status: 201,
            headers: { 'content-type': 'application/json', 'x-subject-token': 't' },
          },
        ),
    })
    const error: unknown = await call(session).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error !== undefined) expect(error).toBeInstanceOf(CloudError)
    expect(error instanceof CloudError ? error.message : '').not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
  await answer(good, 200, 'application/json')
  const types = fc.constantFrom('application/json', 'text/html', 'text/plain', '')
  const statuses = fc.constantFrom(200, 201, 202, 400, 403, 404, 409, 413, 500)
  await fc.assert(fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), statuses, types, answer), {
    numRuns: runs(60),
  })
  await fc.assert(
    fc.asyncProperty(damage, async (wounds) => {
      let bytes = [...Buffer.from(good)]
      for (const { at, kind, byte } of wounds) {
        const here = at % Math.max(1, bytes.length)
        if (kind === 'cut') bytes = bytes.slice(0, here)
        else
          bytes.splice(
            here,
            kind === 'double' ? 0 : 1,
            ...(kind === 'drop' ? [] : [kind === 'double' ? (bytes[here] ?? 0) : byte]),
          )
      }
      await answer(Uint8Array.from(bytes), 200, 'application/json')
    }),
    { numRuns: runs(60) },
  )
})

test('one field of an answer replaced by anything is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('id', 'name', 'enabled', 'description'), fc.jsonValue(), async (field, value) => {
      const body = JSON.stringify({ domain: { id: 'd', name: 'n', enabled: true, [field]: value } })
      const { session } = fakeCloud(() => new Response(body, { headers: { 'content-type': 'application/json' } }), {
        retry: { attempts: 1 },
      })
      const outcome: unknown = await getDomain(session, 'd').catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CloudError)
      else
        expect(outcome).toMatchObject({
          id: expect.any(String) as unknown,
          name: expect.any(String) as unknown,
          enabled: expect.any(Boolean) as unknown,
        })
    }),
  )
})

test('every error body has words', () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.jsonValue(), fc.string()), (status, body) => {
      expect(messageOf(status, body).length).toBeGreaterThan(0)
    }),
  )
})
