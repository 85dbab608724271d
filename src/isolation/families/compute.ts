import { createKeypair, deleteKeypair, findKeypair, listKeypairs } from '../../openstack/nova.ts'
import type { Keypair } from '../../openstack/nova.ts'
import { isRecord } from '../../openstack/shape.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Random } from '../../probes/throwaway/run.ts'
import { hasService } from '../../openstack/has-service.ts'

export async function probeCompute(family: Family, fixture: VerificationFixture): Promise<void> {
  const { own, foreign, operator, throwaways, options } = fixture
  const as = own.account
  if (!(await hasService(as.session, 'compute'))) return
  const victim = { userId: foreign.account.user.id }
  const key = (what: string, userId?: string) => ({
    name: throwaways.name(what),
    public_key: randomPublicKey(options.random),
    ...(userId === undefined ? {} : { user_id: userId }),
  })
  const keypair = await throwaways.make({
    kind: 'keypair',
    name: throwaways.name('key'),
    create: () => createKeypair(foreign.account.session, key('key')),
    find: () => findKeypair(operator, throwaways.name('key'), victim),
    remove: ({ name }) => deleteKeypair(operator, name, victim),
  })
  const planted = key('planted-key', victim.userId)
  const common = { as, whom: 'the keypair of a user of another domain' } as const
  await Promise.all([
    family.check({
      ...common,
      expected: 'empty',
      id: 'read-keypair',
      claim: 'an account cannot read the keypair of a user of another domain',
      rule: 'os_compute_api:os-keypairs:show',
      ask: (session) => findKeypair(session, keypair.name, victim),
      shows: (found) => found !== undefined,
      describe: (found) => (found === undefined ? 'not found' : 'found'),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-keypairs',
      claim: 'an account sees no keypair of a user of another domain',
      rule: 'os_compute_api:os-keypairs:index',
      ask: (session) => listKeypairs(session, victim),
      shows: (list) => list.some(({ name }) => name === keypair.name),
      describe: (list) => `${list.length} listed`,
    }),
    family.check<Keypair>({
      ...common,
      expected: 'refused',
      id: 'plant-keypair',
      claim: 'an account cannot give a user of another domain a keypair',
      rule: 'os_compute_api:os-keypairs:create',
      ask: (session) =>
        throwaways.make({
          kind: 'keypair',
          name: planted.name,
          create: () => createKeypair(session, planted),
          find: () => findKeypair(operator, planted.name, victim),
          remove: ({ name }) => deleteKeypair(operator, name, victim),
        }),
      effect: async () => (await findKeypair(operator, planted.name, victim)) !== undefined,
    }),
    family.check({
      as,
      whom: 'the servers of all projects',
      expected: 'empty',
      id: 'list-servers',
      claim: 'an account sees no server of other projects, even when it asks for all tenants',
      rule: 'os_compute_api:servers:detail:get_all_tenants',
      ask: async (session) => {
        const query = { all_tenants: true }
        const answer = await session.request({ service: 'compute', method: 'GET', path: '/servers/detail', query })
        const { projectId } = await session.token()
        return othersIn(answer.body, 'servers', 'tenant_id', projectId)
      },
      shows: (others) => others > 0,
      describe: (others) => `${others} of other projects`,
    }),
    family.check({
      as,
      whom: 'the hypervisors of the cloud',
      expected: 'refused',
      id: 'list-hypervisors',
      claim: 'an account cannot list hypervisors',
      rule: 'os_compute_api:os-hypervisors:list',
      ask: (session) => session.request({ service: 'compute', method: 'GET', path: '/os-hypervisors' }),
    }),
  ])
}

/** How many of the listed ones are not of this project. */
export function othersIn(body: unknown, key: string, owner: string, projectId: string | undefined): number {
  const list = isRecord(body) ? body[key] : undefined
  return Array.isArray(list) ? list.filter((item) => isRecord(item) && item[owner] !== projectId).length : 0
}

/** A well-formed key whose private half nobody has. RFC 8709, section 4 */
function randomPublicKey(random: Random): string {
  const field = (bytes: Uint8Array): Uint8Array => Uint8Array.of(0, 0, 0, bytes.length, ...bytes)
  const blob = Uint8Array.of(...field(new TextEncoder().encode('ssh-ed25519')), ...field(random(32)))
  return `ssh-ed25519 ${btoa(String.fromCharCode(...blob))}`
}
