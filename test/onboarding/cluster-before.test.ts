/** What `preflight --probe` says of clusters, and the experiments behind it: each is right, and leaves nothing behind. */
import { expect, test } from 'vitest'
import { probeClusterType } from '../../src/probes/cluster-type.ts'
import { probeCreator } from '../../src/probes/creator.ts'
import type { FaultName } from '../../src/simulator/faults.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'
import { sessionOf } from './cluster-test-bed.ts'

type Document = {
  readonly checks: readonly { readonly claim: string; readonly ok: boolean; readonly value: unknown }[]
  readonly findings: readonly { readonly code: string; readonly severity: string }[]
}

async function probe(bed: SimulatedTestBed): Promise<Document & { readonly code: number }> {
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('preflight', file, '--probe', '-o', 'json')
  return { code, ...(JSON.parse(out) as Document) }
}

/** Everything that a probe could leave. */
function standing({ state }: Cloud): Readonly<Record<string, number>> {
  const { domains, users, projects, trusts, applicationCredentials, secrets, clusterTemplates, grants } = state
  const tables = { domains, users, projects, trusts, applicationCredentials, secrets, clusterTemplates, grants }
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.size]))
}

test('on a patched cloud the creator has to sign in by password, and nothing is left behind', async () => {
  const bed = await openSimulated()
  const before = standing(bed.cloud)
  const { code, checks, findings } = await probe(bed)
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(code).toBe(0)
  const rule = checks.find(({ claim }) => claim.includes('must sign in'))
  expect(rule?.value).toMatchObject({ signIn: 'password', trusts: 'always' })
  for (const claim of ['the certificate store deletes', 'Magnum has a driver', "holds admin on Magnum's domain"])
    expect(checks.find((check) => check.claim.includes(claim))).toMatchObject({ ok: true })
  expect(standing(bed.cloud)).toEqual(before)
  await bed.remove()
})

test('below the fixes an application credential would do as well, which is said', async () => {
  const bed = await openSimulated({ preset: 'caracal-unpatched', isPersonaBuilt: true })
  const { checks } = await probe(bed)
  const rule = checks.find(({ claim }) => claim.includes('must sign in'))
  expect(rule?.value).toMatchObject({ signIn: 'password or application credential', trusts: 'always' })
  await bed.remove()
})

test.each([
  ['dead-trust-rule', 'cloud/dead-trust-rule'],
  ['certificate-store', 'cloud/certificate-store'],
  ['magnum-domain-admin-disabled', 'cloud/trustee-admin'],
  ['image-of-another-driver', 'cloud/no-driver'],
] as const satisfies readonly (readonly [FaultName, string])[])(
  '%s is found before a cluster is asked for',
  async (fault, code) => {
    const bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, faults: [fault] })
    const before = standing(bed.cloud)
    const found = await probe(bed)
    expect(found.code).toBe(3)
    expect(found.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.code)).toEqual([code])
    expect(standing(bed.cloud)).toEqual(before)
    await bed.remove()
  },
)

test('a creator is asked what it can do itself, and no request makes anything', async () => {
  const bed = await openSimulated()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', file, '--yes', '--until', 'template')).code).toBe(0)
  const creator = await sessionOf(bed, 'creator')
  const operator = await sessionOf(bed, 'operator')
  const before = standing(bed.cloud)
  const results = await probeCreator({ creator, operator })
  expect(results.map(({ id, ok }) => [id, ok])).toEqual([
    ['creator/no-admin', true],
    ['creator/roles-held', true],
    ['creator/self-trust', true],
  ])
  expect(standing(bed.cloud)).toEqual(before)
  await bed.remove()
})

test('a role taken while the token lives is seen, and so is admin', async () => {
  const bed = await openSimulated()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', file, '--yes', '--until', 'template')).code).toBe(0)
  const creator = await sessionOf(bed, 'creator')
  const operator = await sessionOf(bed, 'operator')
  const token = await creator.token()
  const { state } = bed.cloud
  const idOf = (name: string): string => state.roles.find((role) => role.name === name)?.id ?? ''
  state.grants.deleteWhere((grant) => grant.actorId === token.userId && grant.roleId === idOf('load-balancer_member'))
  const taken = await probeCreator({ creator, operator })
  expect(taken.flatMap(({ finding }) => finding?.code ?? [])).toEqual(['cloud/creator-roles'])

  const on = { actor: 'users', on: 'projects', targetId: token.projectId ?? '', isInherited: false } as const
  for (const name of ['load-balancer_member', 'admin'])
    state.grants.set(`test ${name}`, { ...on, actorId: token.userId, roleId: idOf(name) })
  creator.forget()
  const admin = await probeCreator({ creator, operator })
  expect(admin.flatMap(({ finding }) => finding?.code ?? [])).toEqual(['cloud/creator-admin'])
  await bed.remove()
})

test('a cluster type is told from a template that is never made', async () => {
  const bed = await openSimulated()
  const operator = await sessionOf(bed, 'operator')
  const [image] = [...bed.cloud.state.images.values()]
  const served = await probeClusterType({
    session: operator,
    image: { id: image?.id ?? '', name: 'kube' },
    nowhere: 'nowhere',
  })
  expect(served).toMatchObject({ ok: true, observed: 'allowed' })
  const unserved = await probeClusterType({
    session: operator,
    image: { id: 'no-such-image', name: 'kube' },
    nowhere: 'nowhere',
  })
  expect(unserved.detail).toContain('(vm, Unset, kubernetes)')
  expect(unserved.finding?.code).toBe('cloud/no-driver')
  expect(bed.cloud.state.clusterTemplates.size).toBe(0)
  await bed.remove()
})
