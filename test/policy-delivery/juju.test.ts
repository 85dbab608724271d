/** Delivery by the `juju` command, against a stand-in that does what the charm's source does. A live Juju was never tried. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { zipOverride } from '../../src/policy/build/zip.ts'
import { codesOf, openDeliveryTestBed, override } from './test-bed.ts'
import type { DeliveryTestBed } from './test-bed.ts'

type CharmTestBed = DeliveryTestBed & {
  readonly charm: string
  /** Types a `juju` command oneself. */
  juju: (...argv: readonly string[]) => Promise<string>
}

const beds: DeliveryTestBed[] = []
const preset = { preset: 'caracal-charmed' } as const
const policyBase = [
  '--base',
  'charm',
  '--release',
  '2024.1+ossa-2026-015',
  '--connections',
  '2',
  '--settle',
  '1',
] as const
const release = '2024.1+ossa-2026-015'

async function open(): Promise<CharmTestBed> {
  const env: Record<string, string> = { OS_PASSWORD: 'admin-secret' }
  const bed = await openDeliveryTestBed(preset, env)
  beds.push(bed)
  const charm = join(bed.folder, 'charm')
  const bin = join(bed.folder, 'bin')
  await mkdir(charm)
  await mkdir(bin)
  await symlink(resolve('test/policy-delivery/juju-stand-in/juju.mjs'), join(bin, 'juju'))
  Object.assign(env, {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    JUJU_STANDIN: charm,
    JUJU_STANDIN_POLICY_D: bed.policyDir,
  })
  return {
    ...bed,
    charm,
    juju: async (...argv) =>
      (await promisify(execFile)(join(bin, 'juju'), argv, { env: { ...env, PATH: env['PATH'] } })).stdout,
  }
}

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

const juju = ['--model', 'openstack', '--application', 'keystone'] as const

async function attached(bed: CharmTestBed): Promise<string> {
  const text = await override(release, 'charm')
  const file = await bed.write('good.yaml', text)
  const { code, err } = await bed.type('policy', 'attach', file, ...juju, ...policyBase, '--yes', '--no-gate')
  expect(code, err).toBe(0)
  return text
}

test('the zip is staged in the data directory, attached, used, and the gate holds', async () => {
  const bed = await open()
  const file = await bed.write('good.yaml', await override(release, 'charm'))
  const { code, document } = await bed.ask('policy', 'attach', file, ...juju, ...policyBase, '--yes')
  expect(codesOf(document.gate ?? {})).toEqual([])
  expect(code).toBe(0)
  expect(document.gate?.inForce?.verdict).toBe('override')
  const staged = join(bed.folder, 'tenant-onboard', 'envvars', '_policy', 'staged', 'overrides.zip')
  expect(new Uint8Array(await readFile(staged))).toEqual(zipOverride(await override(release, 'charm')))
  expect(await bed.juju('status', '-m', 'openstack', '--format', 'json')).toContain('PO: Unit is ready')
  expect(await readdir(bed.policyDir)).toEqual(['domain-manager.yaml'])
})

test('going back to none switches the option off, and the cloud answers as before', async () => {
  const bed = await open()
  await attached(bed)
  const { code, document } = await bed.ask('policy', 'rollback', ...juju, '--settle', '1', '--yes')
  expect(code).toBe(0)
  expect(document.gate?.inForce?.verdict).toBe('base')
  expect(await readdir(bed.policyDir)).toEqual([])
  expect(await bed.juju('config', '-m', 'openstack', 'keystone', '--format', 'json')).toContain('"value":false')
})

test('a status of `PO:` over an empty folder is told as false', async () => {
  const bed = await open()
  await attached(bed)
  await bed.juju(
    'attach-resource',
    '-m',
    'openstack',
    'keystone',
    `policyd-override=${await bed.write('no.zip', 'no zip')}`,
  )
  expect(await bed.juju('status')).toContain('PO: Unit is ready')
  expect(await readdir(bed.policyDir)).toEqual([])
  const { code, document } = await bed.ask('policy', 'gate', ...juju, '--settle', '0', '--connections', '2')
  expect(code).toBe(3)
  expect(codesOf(document)).toEqual(expect.arrayContaining(['delivery/not-in-force', 'delivery/false-po']))
})

test('the option without a resource overrides nothing, and that is said', async () => {
  const bed = await open()
  await bed.juju('config', '-m', 'openstack', 'keystone', 'use-policyd-override=true')
  expect(await bed.juju('status')).toContain('PO (broken): Unit is ready')
  const { code, document } = await bed.ask('policy', 'gate', ...juju, ...policyBase)
  expect(code).toBe(3)
  expect(codesOf(document)).toEqual(expect.arrayContaining(['cloud/persona-missing', 'delivery/no-resource']))
})

test('an override of somebody else is not replaced unless its zip is handed over, and then it comes back', async () => {
  const bed = await open()
  const theirs = zipOverride('"identity:list_endpoints": "rule:admin_required"\n')
  const zip = join(bed.folder, 'theirs.zip')
  await writeFile(zip, theirs)
  await bed.juju('attach-resource', '-m', 'openstack', 'keystone', `policyd-override=${zip}`)
  await bed.juju('config', '-m', 'openstack', 'keystone', 'use-policyd-override=true')
  const file = await bed.write('good.yaml', await override(release, 'charm'))
  const refused = await bed.ask('policy', 'attach', file, ...juju, ...policyBase, '--yes', '--no-gate')
  expect(refused.code).toBe(3)
  expect(codesOf(refused.document)).toContain('delivery/previous-unknown')
  const allowed = await bed.type(
    'policy',
    'attach',
    file,
    ...juju,
    ...policyBase,
    '--previous',
    zip,
    '--yes',
    '--no-gate',
  )
  expect(allowed.code, allowed.err).toBe(0)
  const back = await bed.type('policy', 'rollback', ...juju, '--settle', '1', '--yes', '--no-gate')
  expect(back.code, back.err).toBe(0)
  expect(new Uint8Array(await readFile(join(bed.charm, 'resource')))).toEqual(theirs)
})

test('another charm that shows another status is told', async () => {
  const bed = await open()
  await attached(bed)
  const path = join(bed.charm, 'state.json')
  const state = JSON.parse(await readFile(path, 'utf8')) as object
  const bin = join(bed.folder, 'bin', 'juju')
  // the second look of the command finds it changed: a hook of that charm ran meanwhile
  const real = resolve('test/policy-delivery/juju-stand-in/juju.mjs')
  await writeFile(path, JSON.stringify({ ...state, neighbour: 'Unit is ready' }))
  await writeFile(
    join(bed.folder, 'wrapped'),
    `#!/bin/sh\nif [ "$1" = config ] && [ "$5" != "--format" ]; then sed -i 's/"neighbour":"[^"]*"/"neighbour":"hook failed"/' ${path}; fi\nexec node ${real} "$@"\n`,
  )
  await chmod(join(bed.folder, 'wrapped'), 0o755)
  await promisify(execFile)('mv', [join(bed.folder, 'wrapped'), bin])
  const { document } = await bed.ask('policy', 'rollback', ...juju, '--settle', '1', '--yes', '--no-gate')
  const disturbed = document.findings?.find(({ code }) => code === 'delivery/disturbed')
  expect(disturbed?.where).toBe('nova-cloud-controller/0')
  expect(disturbed?.message).toContain('hook failed')
})

test('a model or an application that is not there is told, and so is a missing command', async () => {
  const bed = await open()
  const file = await bed.write('good.yaml', await override(release, 'charm'))
  const other = await bed.type('policy', 'attach', file, '--application', 'keystone-k8s', ...policyBase, '--dry-run')
  expect(other.code).toBe(2)
  expect(other.err).toContain('keystone-k8s')
})
