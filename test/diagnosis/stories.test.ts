/** Causes that need a story of their own: another cloud, another stage, or time that has passed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Onboarded, Told } from './broken-cloud.ts'
import { as, askForCluster, breakCloud, diagnose, onboard, withVault } from './broken-cloud.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const
/** On the base of the charm an operator may not list application credentials, which offboarding does. */
const patched = { preset: 'zed-patched', isPersonaBuilt: true } as const

function codes({ findings }: Told): readonly string[] {
  return [...new Set(findings.map(({ code }) => code.replace('diagnosis/', '')))].sort()
}

describe('a cloud without a tenant yet', () => {
  const opened: SimulatedTestBed[] = []
  afterAll(async () => {
    await Promise.all(opened.map((bed) => bed.remove()))
  })

  async function toldOf(seed: Parameters<typeof openSimulated>[0], change?: (text: string) => string): Promise<Told> {
    const bed = await openSimulated(seed)
    opened.push(bed)
    const file = await bed.write('tenant.yaml', await exampleTenant('acme', change))
    const { out } = await bed.run('diagnose', file, '-o', 'json')
    expect(bed.cloud.state.domains.some(({ name }) => name.startsWith('tenant-onboard-probe'))).toBe(false)
    return JSON.parse(out) as Told
  }

  test('a manager that may nothing has no override in force', async () => {
    expect(codes(await toldOf({ preset: 'zed-patched' }))).toEqual(['override-not-in-force'])
    expect(codes(await toldOf({ preset: 'zed-patched', isPersonaBuilt: true }))).toEqual(['tenant-absent'])
  })

  test('the bare charm has all three at once', async () => {
    expect(codes(await toldOf({ preset: 'caracal-charmed' }))).toEqual([
      'dead-create-rule',
      'dead-trust-rule',
      'override-not-in-force',
    ])
  })

  test('the finding says how the override is delivered', async () => {
    const { findings } = await toldOf({ preset: 'zed-patched' }, (text) =>
      text.replace('projects:', 'overrides:\n  policy: { delivery: juju, model: cloud }\nprojects:'),
    )
    expect(findings[0]?.message).toContain('delivered to keystone of model cloud')
  })

  test('an image by a name that two images share: (vm, Unset, kubernetes)', async () => {
    const named = (text: string): string => text.replace('projects:', 'overrides:\n  image: k8s\nprojects:')
    const image = {
      name: 'k8s',
      visibility: 'public',
      properties: { os_distro: 'ubuntu', kube_version: 'v1.30' },
    } as const
    const seed = { ...charmed, images: [image] }
    const told = await toldOf({ ...seed, faults: ['image-name-twice'] }, named)
    expect(codes(told)).toEqual(['cluster-type-unset'])
    expect(told.findings[0]?.message).toContain('2 images are called `k8s`')
    expect(codes(await toldOf(seed, named))).toEqual(['tenant-absent'])
  })
})

describe('a frozen tenant', () => {
  test.each([[[] as const], [['--until', 'template'] as const]])(
    'is told as frozen, not as broken: %s',
    async (until) => {
      const on = await onboard(patched, ...until)
      const { code, out, err } = await on.bed.run('offboard', on.file, '--confirm', 'acme', '--until', 'freeze')
      expect(code, `${out}${err}`).toBe(0)
      const { code: ended, told } = await diagnose(on)
      expect(ended).toBe(3)
      expect(codes(told)).toEqual(['frozen'])
      const [finding] = told.findings
      expect(finding?.message).toMatch(/we froze it .* at 20\S+: that disabled .*acme-domain-admin.* limited .*quotas/)
      expect(finding?.remedy).toContain('--unfreeze')
      expect(finding?.owner).toBe('operator')
      const undone = await on.bed.run('offboard', on.file, '--confirm', 'acme', '--unfreeze')
      expect(undone.code, undone.err).toBe(0)
      expect(codes((await diagnose(on)).told)).toEqual([])
    },
  )

  test('somebody else who disables an account is no freeze', async () => {
    const on = await onboard(patched, '--until', 'template')
    const cloud = breakCloud(on, [])
    const user = cloud.state.users.find(({ name }) => name === 'acme-domain-admin')
    if (user !== undefined) cloud.state.users.set(user.id, { ...user, enabled: false })
    expect(codes((await diagnose(on)).told)).toEqual(['account-cannot-sign-in'])
  })
})

describe('a complete tenant', () => {
  let whole: Onboarded
  beforeAll(async () => {
    whole = await onboard(charmed)
  })

  test('a delete that hangs at the child credential, once it has hung for long enough', async () => {
    const minute = 60_000
    const cloud = breakCloud(whole, ['child-credential-stays'])
    const cluster = cloud.state.clusters.find(({ name }) => name === 'acme-cluster')
    const request = await as(whole, cloud, 'creator')
    await request('DELETE', `/container-infra/v1/clusters/${cluster?.uuid ?? ''}`)
    await whole.clock.sleep(20)
    await request('GET', '/container-infra/v1/mservices')
    expect(cloud.state.clusters.get(cluster?.uuid ?? '')?.status).toBe('DELETE_IN_PROGRESS')
    expect(codes((await diagnose(whole)).told)).not.toContain('child-credential-stays')
    const row = cloud.state.clusters.get(cluster?.uuid ?? '')
    if (row !== undefined)
      cloud.state.clusters.set(row.uuid, { ...row, updatedAt: whole.clock.now().getTime() - 11 * minute })
    const { told } = await diagnose(whole)
    expect(codes(told)).toEqual(['child-credential-stays'])
    expect(told.findings[0]?.remedy).toContain(`magnum-${cluster?.uuid ?? ''}`)
  })

  test('a delete that nothing holds up is no finding, and the cluster goes', async () => {
    const cloud = breakCloud(whole, [])
    const cluster = cloud.state.clusters.find(({ name }) => name === 'acme-cluster')
    const request = await as(whole, cloud, 'creator')
    await request('DELETE', `/container-infra/v1/clusters/${cluster?.uuid ?? ''}`)
    await whole.clock.sleep(20)
    expect(codes((await diagnose(whole)).told)).toEqual([])
    expect(cloud.state.clusters.size).toBe(0)
  })

  test('what failed for a cause that was repaired since is unknown, with everything that was seen', async () => {
    const cloud = breakCloud(whole, ['certificate-store'])
    cloud.state.clusters.clear()
    expect(await askForCluster(whole, cloud)).toBe('CREATE_FAILED')
    const failed = [...cloud.state.clusters.values()]
    const mended = breakCloud(whole, [])
    mended.state.clusters.clear()
    for (const cluster of failed) mended.state.clusters.set(cluster.uuid, cluster)
    const { code, told } = await diagnose(whole, ...withVault)
    expect(code).toBe(3)
    expect(codes(told)).toEqual(['unknown'])
    const [finding] = told.findings
    expect(finding?.message).toContain('Failed to create certificates for Cluster')
    const seen = new Set(finding?.evidence.map(({ experiment }) => experiment))
    for (const experiment of ['self-trust', 'certificate-store', 'trustee-rule', 'delegations'])
      expect(seen).toContain(experiment)
  })
})

test('every problem with the way to Vault is told at once, and nothing is asked', async () => {
  const bed = await openSimulated(charmed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('diagnose', file, '--vault', 'vault', '--vault-token-file', 'nowhere')
  expect(code).toBe(2)
  expect(err).toContain('`vault` is not an address of Vault')
  expect(err).toContain('this file has no Vault token')
  expect(bed.sent).toEqual([])
  expect((await bed.run('diagnose', file, '--vault-token-file', file)).err).toContain('no address')
  await bed.remove()
})
