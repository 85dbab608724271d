/** Each sentence of success, and changes of the world that must turn it: the command says no, and names what it saw. */
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { State } from '../../src/simulator/state.ts'
import { success } from '../../src/success.ts'
import type { SuccessId } from '../../src/success.ts'
import { exampleTenant, openSimulated, openTestBed } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { opened as openedGroup, placesOf, portOn, routed, shared } from '../exposure/exposed-cloud.ts'
import { openDeliveryTestBed, override, usual } from '../policy-delivery/test-bed.ts'
import type { DeliveryTestBed } from '../policy-delivery/test-bed.ts'

type Said = { readonly code: number; readonly out: string; readonly err: string }

/** What a sentence is said about: a command on it, and what somebody else may do to it meanwhile. */
type World = { readonly say: () => Promise<Said>; readonly remove: () => Promise<void> }

type Story<W extends World> = {
  readonly open: () => Promise<W>
  readonly sentence: string
  readonly changes: readonly Change<W>[]
}

type Change<W extends World> = {
  readonly what: string
  readonly make: (world: W) => Promise<void> | void
  /** What the command has to name. */
  readonly names: string
  /** Without it the exit code is 3. `0` for a report, which is written whatever it says. */
  readonly code?: number
}

const worlds: World[] = []

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.remove()
})

/** Keeps the type of its world to itself. */
function story<W extends World>({ open, sentence, changes }: Story<W>) {
  return {
    sentence,
    begin: async (): Promise<Said> => {
      const world = await open()
      worlds.push(world)
      return world.say()
    },
    changes: changes.map(({ what, make, names, code = 3 }) => ({
      what,
      names,
      code,
      end: async (): Promise<Said> => {
        const world = await open()
        worlds.push(world)
        await make(world)
        return world.say()
      },
    })),
  }
}

type TenantWorld = World & { readonly bed: SimulatedTestBed; readonly state: State }

const until = (stage: string): readonly string[] => ['apply', 'tenant.yaml', '--yes', '--until', stage]
const applied = ['apply', 'tenant.yaml', '--yes']

/** A tenant of an operator, after some commands. */
function tenantWorld(before: readonly (readonly string[])[], ...command: readonly string[]) {
  return async (): Promise<TenantWorld> => {
    const bed = await openSimulated()
    await bed.write('tenant.yaml', await exampleTenant('acme'))
    for (const argv of before) {
      const { code, err } = await bed.run(...argv)
      expect(code, err).toBe(0)
    }
    return { bed, state: bed.cloud.state, say: () => bed.run(...command), remove: () => bed.remove() }
  }
}

/** The tenant's own machine, with the handover of an operator. */
async function acceptWorld(): Promise<TenantWorld> {
  const identity = await generateIdentity()
  const sealed = `handover:\n  recipient: ${await identityToRecipient(identity)}\n`
  const operator = await openSimulated()
  const file = await operator.write('tenant.yaml', await exampleTenant('acme', (text) => text + sealed))
  for (const argv of [until('domain'), ['handover', file, '--yes']]) {
    const { code, err } = await operator.run(...argv)
    expect(code, err).toBe(0)
  }
  const tenant = await openTestBed({}, operator.cloud.fetch, {}, operator.clock)
  await cp(file, join(tenant.folder, 'tenant.yaml'))
  await tenant.write('identity.txt', identity)
  const name = 'acme-handover.zip.age'
  await cp(join(operator.folder, 'tenant-onboard', 'lab', 'acme', 'handover', name), join(tenant.folder, name))
  return {
    bed: operator,
    state: operator.cloud.state,
    say: () => tenant.run('accept', name, 'tenant.yaml', '--identity', 'identity.txt', '--yes'),
    remove: async () => {
      await operator.remove()
      await tenant.remove()
    },
  }
}

type FileWorld = World & { readonly change: (edit: (text: string) => string) => Promise<void> }

/** A policy file, and a command that reads it and no cloud. */
function fileWorld(...command: readonly string[]) {
  return async (): Promise<FileWorld> => {
    const bed = await openTestBed({}, undefined)
    const path = await bed.write('override.yaml', await override())
    await bed.write('before.yaml', await override())
    return {
      say: () => bed.run(...command),
      remove: () => bed.remove(),
      change: async (edit) => writeFile(path, edit(await readFile(path, 'utf8'))),
    }
  }
}

type DeliveryWorld = World & {
  readonly bed: DeliveryTestBed
  /** The folder that the command writes to; a change may make it another one than Keystone reads. */
  folder: string
}

function deliveryWorld(before: readonly (readonly string[])[], ...command: readonly string[]) {
  return async (): Promise<DeliveryWorld> => {
    const bed = await openDeliveryTestBed()
    await bed.write('override.yaml', await override())
    for (const argv of before) {
      const { code, err } = await bed.type(...argv, '--policy-dir', bed.policyDir)
      expect(code, err).toBe(0)
    }
    const world: DeliveryWorld = {
      bed,
      folder: bed.policyDir,
      say: () => bed.type(...command, '--policy-dir', world.folder),
      remove: () => bed.remove(),
    }
    return world
  }
}

/** From now on to a folder that Keystone does not read. */
async function deliverElsewhere(world: DeliveryWorld): Promise<void> {
  world.folder = join(world.bed.folder, 'not-read')
  await mkdir(world.folder)
}

const attaching = ['policy', 'attach', 'override.yaml', ...usual.ground, '--yes']

function need<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('the world lacks what a change needs')
  return found
}

function userOf({ users }: State, name: string) {
  return need(users.find((user) => user.name === name))
}

function grantAdmin({ state }: TenantWorld, name: string): void {
  const { id } = need(state.roles.find((role) => /^admin$/i.test(role.name)))
  const grant = { actor: 'users', actorId: userOf(state, name).id, on: 'system', targetId: 'system' } as const
  state.grants.set(`test-${name}`, { ...grant, roleId: id, isInherited: false })
}

function disable({ state }: TenantWorld, name: string): void {
  const user = userOf(state, name)
  state.users.set(user.id, { ...user, enabled: false })
}

function loseMarker({ state }: TenantWorld): void {
  const domain = need(state.domains.find(({ name }) => name === 'acme'))
  state.domains.set(domain.id, { ...domain, description: 'of somebody else' })
}

/** The operator's entry, which a fleet looks up by the name in the tenant file. */
function cloudsYaml({ bed }: TenantWorld): string {
  const { admin, url, region } = bed.cloud
  return JSON.stringify({
    clouds: {
      lab: {
        region_name: region,
        auth: {
          auth_url: url,
          username: admin.name,
          password: admin.password,
          user_domain_name: admin.userDomain,
          project_name: admin.project,
          project_domain_name: admin.projectDomain,
        },
      },
    },
  })
}

async function changeFile({ bed }: TenantWorld, edit: (text: string) => string): Promise<void> {
  const path = join(bed.folder, 'tenant.yaml')
  await writeFile(path, edit(await readFile(path, 'utf8')))
}

const asLess = (text: string): string => text.replace('gigabytes: 1000 GiB', 'gigabytes: 900 GiB')
const opened = (text: string): string => text.replace(/"identity:create_grant": "[^"]*"/, '"identity:create_grant": ""')

const hole = { what: 'anybody may grant', make: (world: FileWorld) => world.change(opened) } as const
function leaveStray({ state }: TenantWorld): void {
  const one = need(state.networks.find(() => true))
  state.networks.set('stray', { ...one, id: 'stray', name: 'stray', description: '', project_id: 'd'.repeat(32) })
}

function letStrangerIn({ state }: TenantWorld): void {
  state.grants.set('stranger', {
    actor: 'users',
    actorId: need(state.users.find(({ name }) => name === 'nova')).id,
    on: 'projects',
    targetId: need(state.projects.find(({ name }) => name === 'acme-prod')).id,
    roleId: need(state.roles.find(({ name }) => name === 'member')).id,
    isInherited: false,
  })
}

/** What Neutron keeps, and no probe of an API sees. test/exposure/told.test.ts has any such row. */
const exposures: readonly Change<TenantWorld>[] = [
  {
    what: 'a route to another tenant',
    make: ({ state }) => void routed('acme', '10.20.25.0/24', '203.0.113.250')(state),
    names: 'exposure/route',
  },
  {
    what: 'port security is off',
    make: ({ state }) => void portOn('acme-net', 'acme-prod', { port_security_enabled: false })(state),
    names: 'exposure/port-security',
  },
  {
    what: 'a port may send as anybody',
    make: ({ state }) => {
      const pairs = [{ mac_address: 'fa:16:3e:00:00:01', ip_address: '0.0.0.0/0' }]
      portOn('acme-net', 'acme-prod', { allowed_address_pairs: pairs })(state)
    },
    names: 'exposure/address-pair',
  },
  {
    what: 'the network is shared',
    make: ({ state }) => void shared('acme-net', '*')(state),
    names: 'exposure/shared',
  },
  {
    what: 'a foreign port on the network',
    make: ({ state }) => void portOn('acme-net', 'admin')(state),
    names: 'exposure/foreign-port',
  },
  {
    what: 'a group that admits all',
    make: ({ state }) => void openedGroup('acme-prod', 'acme-net', {})(state),
    names: 'exposure/open-group',
  },
]

const notOurs = { what: 'the domain is not ours', make: loseMarker, names: 'offboard/not-ours' } as const

const stories: Readonly<Record<SuccessId, ReturnType<typeof story>>> = {
  preflight: story({
    open: tenantWorld([], 'preflight', 'tenant.yaml'),
    sentence: success.preflight(),
    changes: [
      {
        what: "Magnum's domain admin is gone",
        make: ({ bed }) => bed.cloud.damage('magnum-domain-admin-lost'),
        names: 'magnum_domain_admin',
      },
      { what: 'no address is free', make: ({ bed }) => bed.cloud.damage('no-addresses'), names: 'address' },
      {
        what: 'Barbican is not in the catalog',
        make: ({ state }) => {
          state.services.delete(need(state.services.find(({ type }) => type === 'key-manager')).id)
        },
        names: 'cloud/no-key-manager',
      },
    ],
  }),
  plan: story({
    open: tenantWorld([applied], 'plan', 'tenant.yaml', '--exit-code'),
    sentence: success.plan(),
    changes: [
      { what: 'the tenant file changed', make: (world) => changeFile(world, asLess), names: 'block storage quota' },
      {
        what: 'more networks exist than the quota of the file allows',
        make: ({ state }) => {
          const one = need(
            state.networks.find(({ project_id }) => state.projects.get(project_id)?.name === 'acme-prod'),
          )
          for (let more = 0; more < 10; more += 1)
            state.networks.set(`more-${more}`, { ...one, id: `more-${more}`, name: `more-${more}` })
        },
        names: 'plan/quota-below-use',
      },
      {
        what: 'a project left the file',
        make: (world) => changeFile(world, (text) => text.replace('name: prod', 'name: prod2')),
        names: 'preflight/project-not-in-file',
      },
    ],
  }),
  apply: story({
    open: tenantWorld([applied], ...applied),
    sentence: success.apply('acme'),
    changes: [
      {
        what: 'an account holds admin on the system',
        make: (world) => grantAdmin(world, 'acme-svc'),
        names: 'acme-svc reaches nothing else',
      },
    ],
  }),
  'apply --until': story({
    open: tenantWorld([until('domain')], ...until('domain')),
    sentence: success['apply --until']('acme', 'domain'),
    changes: [
      {
        what: 'the manager also holds admin on the system',
        make: (world) => grantAdmin(world, 'acme-domain-admin'),
        names: 'acme-domain-admin',
      },
    ],
  }),
  'apply --no-wait': story({
    open: tenantWorld([[...applied, '--no-wait']], ...applied, '--no-wait'),
    sentence: success['apply --no-wait']('acme'),
    changes: [
      {
        what: 'an account holds admin on the system',
        make: (world) => grantAdmin(world, 'acme-svc'),
        names: 'acme-svc reaches nothing else',
      },
    ],
  }),
  accept: story({
    open: acceptWorld,
    sentence: success.accept('acme'),
    changes: [
      {
        what: 'the manager is disabled',
        make: (world) => disable(world, 'acme-domain-admin'),
        names: 'acme-domain-admin',
      },
    ],
  }),
  handover: story({
    open: tenantWorld([until('domain')], 'handover', 'tenant.yaml'),
    sentence: success.handover('acme'),
    changes: [
      {
        what: 'the manager is disabled',
        make: (world) => disable(world, 'acme-domain-admin'),
        names: 'acme-domain-admin',
      },
    ],
  }),
  rotate: story({
    open: tenantWorld([until('credentials')], 'rotate', 'tenant.yaml', '--account', 'cluster', '--yes'),
    sentence: success.rotate('acme-cluster'),
    changes: [
      {
        what: 'the manager is disabled',
        make: (world) => disable(world, 'acme-domain-admin'),
        names: 'rotate/no-manager',
      },
    ],
  }),
  'rotate --cluster': story({
    open: async () => {
      const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true, magnum: '2026.2' })
      await bed.write('tenant.yaml', await exampleTenant('acme'))
      expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
      const say = () => bed.run('rotate', 'tenant.yaml', '--cluster', 'acme-cluster', '--yes')
      return { bed, state: bed.cloud.state, say, remove: () => bed.remove() }
    },
    sentence: success['rotate --cluster']('acme-cluster'),
    changes: [
      {
        what: 'the creator is disabled',
        make: (world) => disable(world, 'acme-cluster'),
        names: 'rotate/no-creator',
      },
    ],
  }),
  verify: story({
    open: tenantWorld([until('network')], 'verify', 'tenant.yaml'),
    sentence: success.verify('acme'),
    changes: [
      ...exposures,
      {
        what: 'the role of the manager implies admin',
        make: ({ state }) => {
          const role = (pattern: RegExp) => need(state.roles.find(({ name }) => pattern.test(name)))
          const [prior, implied] = [role(/^manager$/), role(/^admin$/i)]
          state.inferences.set('test', { priorId: prior.id, impliedId: implied.id })
        },
        names: 'isolation/',
      },
    ],
  }),
  audit: story({
    open: tenantWorld([until('network')], 'audit', 'tenant.yaml'),
    sentence: success.audit(),
    changes: [
      ...exposures,
      {
        what: 'new ports have no port security',
        make: ({ state }) => {
          const row = placesOf(state).network('acme-net')
          state.networks.set(row.id, { ...row, port_security_enabled: false })
        },
        names: 'exposure/port-security',
        code: 0,
      },
      {
        what: 'an account of the tenant holds admin',
        make: (world) => grantAdmin(world, 'acme-svc'),
        names: 'acme-svc',
      },
    ],
  }),
  diagnose: story({
    open: tenantWorld([applied], 'diagnose', 'tenant.yaml'),
    sentence: success.diagnose(),
    changes: [
      {
        what: "Magnum's domain admin is gone",
        make: ({ bed }) => bed.cloud.damage('magnum-domain-admin-lost'),
        names: 'magnum_domain_admin',
      },
      {
        what: 'the name is of no tenant',
        make: (world) => changeFile(world, (text) => text.replace('tenant: acme', 'tenant: pied')),
        names: 'there is no domain `pied` on this cloud, and no record that there was one',
      },
    ],
  }),
  report: story({
    open: tenantWorld([applied, ['verify', 'tenant.yaml']], 'report', 'tenant.yaml', '-o', 'markdown'),
    sentence: success.report(),
    changes: [
      { what: 'the tenant file changed', make: (world) => changeFile(world, asLess), names: 'changed', code: 0 },
      {
        what: 'a later `verify` saw a router that leads out, and `apply` then held again',
        make: async ({ bed, state }) => {
          routed('acme', '10.20.25.0/24', '203.0.113.250')(state)
          expect((await bed.run('verify', 'tenant.yaml')).code).toBe(3)
          expect((await bed.run(...applied)).code).toBe(0)
        },
        names: 'exposure/route',
        code: 0,
      },
    ],
  }),
  'report --check': story({
    open: tenantWorld(
      [until('domain'), ['report', 'tenant.yaml', '--out', 'report.md']],
      ...['report', 'tenant.yaml', '--check', 'report.md'],
    ),
    sentence: success['report --check']('report.md'),
    changes: [
      {
        what: 'a word of the report changed',
        make: async ({ bed }) => {
          const path = join(bed.folder, 'report.md')
          await writeFile(path, (await readFile(path, 'utf8')).replace('acme-domain-admin', 'mallory'))
        },
        names: 'differs',
      },
    ],
  }),
  status: story({
    open: tenantWorld([applied], 'status', 'tenant.yaml', '--exit-code'),
    sentence: success.status(),
    changes: [{ what: 'the tenant file changed', make: (world) => changeFile(world, asLess), names: 'stale' }],
  }),
  offboard: story({
    open: tenantWorld([until('network')], 'offboard', 'tenant.yaml', '--confirm', 'acme'),
    sentence: success.offboard('acme'),
    changes: [notOurs, { what: 'a deleted project left a network', make: leaveStray, names: 'offboard/ownerless' }],
  }),
  'offboard --keep-data': story({
    open: tenantWorld([until('network')], 'offboard', 'tenant.yaml', '--confirm', 'acme', '--keep-data'),
    sentence: success['offboard --keep-data']('acme'),
    changes: [notOurs],
  }),
  'offboard --until freeze': story({
    open: tenantWorld([until('network')], 'offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze'),
    sentence: success['offboard --until freeze']('acme'),
    changes: [
      notOurs,
      {
        what: "another tenant's account holds a role here",
        make: letStrangerIn,
        names: 'offboard/not-frozen',
      },
    ],
  }),
  'offboard --unfreeze': story({
    open: tenantWorld(
      [until('network'), ['offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze']],
      ...['offboard', 'tenant.yaml', '--unfreeze'],
    ),
    sentence: success['offboard --unfreeze']('acme'),
    changes: [
      notOurs,
      {
        what: 'Cinder takes the quota and ignores it',
        make: ({ state }) => {
          const quotas = state.quotas
          Object.assign(quotas, {
            set: (key: string, row: Readonly<Record<string, number>>) =>
              key.startsWith('block-storage/') ? quotas : Map.prototype.set.call(quotas, key, row),
          })
        },
        names: 'ignores them',
      },
    ],
  }),
  'fleet apply': story({
    open: async () => {
      const world = await tenantWorld([applied], 'fleet', 'apply', 'tenants', '--yes')()
      await world.bed.write('clouds.yaml', cloudsYaml(world))
      await mkdir(join(world.bed.folder, 'tenants'))
      await cp(join(world.bed.folder, 'tenant.yaml'), join(world.bed.folder, 'tenants', 'acme.yaml'))
      return world
    },
    sentence: success['fleet apply'](1, '1 unchanged'),
    changes: [
      {
        what: 'an account holds admin on the system',
        make: (world) => grantAdmin(world, 'acme-svc'),
        names: 'acme-svc reaches nothing else',
      },
    ],
  }),
  'policy lint': story({
    open: fileWorld('policy', 'lint', 'override.yaml', ...usual.ground),
    sentence: success['policy lint'](),
    changes: [{ ...hole, names: 'create_grant' }],
  }),
  'policy prove': story({
    open: fileWorld('policy', 'prove', 'override.yaml', ...usual.ground),
    sentence: success['policy prove'](),
    changes: [{ ...hole, names: 'refuted' }],
  }),
  'policy diff': story({
    open: fileWorld('policy', 'diff', 'before.yaml', 'override.yaml', ...usual.ground, '--exit-code'),
    sentence: success['policy diff'](),
    changes: [{ ...hole, names: 'identity:create_grant' }],
  }),
  'policy advise': story({
    open: deliveryWorld([], 'policy', 'advise'),
    sentence: success['policy advise'](),
    changes: [
      {
        what: 'somebody put rules there that nobody named',
        make: async (world) => {
          await writeFile(join(world.bed.policyDir, 'zz-more.yaml'), '"identity:list_users": "role:member"\n')
          await deliverElsewhere(world)
        },
        names: 'delivery/unlike-any',
      },
    ],
  }),
  'policy gate': story({
    open: deliveryWorld([attaching], 'policy', 'gate'),
    sentence: success['policy gate'](),
    changes: [
      {
        what: 'the file is open',
        make: async ({ bed }) => writeFile(bed.file, opened(await override())),
        names: 'gate failed',
      },
    ],
  }),
  'policy attach': story({
    open: deliveryWorld([], ...attaching),
    sentence: success['policy attach'](),
    changes: [
      {
        what: 'the override gives too much',
        make: async ({ bed }) => {
          await bed.write('override.yaml', opened(await override()))
        },
        names: 'create_grant',
      },
      {
        what: 'this Keystone reads another folder',
        make: deliverElsewhere,
        names: 'the earlier policy is back',
      },
    ],
  }),
  'policy rollback': story({
    open: deliveryWorld([attaching], 'policy', 'rollback', '--yes'),
    sentence: success['policy rollback']('no override', ''),
    changes: [
      {
        what: 'somebody else put the same rules there',
        make: async ({ bed }) => writeFile(join(bed.policyDir, 'zz-more.yaml'), await override()),
        names: 'but the cloud does not answer as before',
      },
    ],
  }),
}

describe.each(Object.entries(stories))('%s', (id, { sentence, begin, changes }) => {
  test('says so', async () => {
    const { code, out, err } = await begin()
    expect(out, err).toContain(sentence)
    expect(code, err).toBe(0)
  })

  test('has a change that turns it', () => {
    expect(changes.length, id).toBeGreaterThan(0)
  })

  test.each(changes)('turns: $what', async ({ names, code, end }) => {
    const said = await end()
    expect(said.code, said.out + said.err).toBe(code)
    expect(said.out + said.err).toContain(names)
    if (id !== 'policy prove' && id !== 'status') expect(said.out).not.toContain(sentence)
  })
})
