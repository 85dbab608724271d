/**
 * Every main command on every base of Keystone, by the commands that `policy advise` prints. The lab is one release: it decides which
 * bases there are (docs/lab.md). Services are the lab's; the override is the one that we built for that base.
 */
import { execFile } from 'node:child_process'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, removeOverrides, runLab } from './cloud.ts'

type Base = 'default' | 'charm'

/** By the release of the lab's main Keystone. */
const basesOf: Readonly<Record<string, readonly Base[]>> = {
  zed: ['default', 'charm'],
  // the cloud of a charmed Caracal
  '2024.1': ['charm'],
  // the domain manager in code; no charm has a base of its own for it. It stops at the cluster today (docs/lab.md)
  '2025.1': ['default'],
}

const lab = await findLab()
/** None for a release that is not in the table: the suite then has no test, which is an error. */
const bases = basesOf[lab.keystones.main.release] ?? []
let operator: TestBed
let tenant: TestBed

beforeEach(async () => {
  operator = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, undefined, {
    isTerminal: true,
    confirm: () => Promise.resolve(true),
  })
  // another machine, without an operator
  tenant = await openTestBed({}, undefined)
})

afterEach(async () => {
  await operator.remove()
  await tenant.remove()
})
afterAll(() => runLab('reset'))

async function type(on: TestBed, line: string, expected: readonly number[] = [0]): Promise<string> {
  const { code, out, err } = await on.run(...line.split(' '))
  expect(expected, `${line}\n${out}${err}`).toContain(code)
  return out
}

test.each(bases)(
  'on the %s base every main command does its work, from the advice to nothing',
  { timeout: 1_800_000 },
  async (base) => {
    const { main } = lab.keystones
    await runLab('reset')
    if (base === 'charm') await runLab('keystone', 'charm')
    await removeOverrides(main)
    // the charm's ids are in the file that Keystone reads
    const file = base === 'charm' ? ` --base ${main.basePolicy}` : ''
    const advice = await type(operator, `policy advise --cloud lab --policy-dir ${main.policyDir}${file}`)
    const printed = advice.split('\n').filter((line) => line.startsWith('  tenant-onboard '))
    expect(printed.map((line) => line.trim().split(' ')[2])).toEqual(['build', 'attach'])
    for (const line of printed) await type(operator, line.trim().slice('tenant-onboard '.length))
    await onboard()
    await giveToTenant()
    await offboard()
    await type(operator, `policy rollback --cloud lab --policy-dir ${main.policyDir}`)
  },
)

async function onboard(): Promise<void> {
  await operator.write('tenant.yaml', await exampleTenant('acme'))
  await type(operator, 'preflight tenant.yaml --probe')
  await type(operator, 'plan tenant.yaml')
  await type(operator, 'apply tenant.yaml --no-wait')
  expect(await type(operator, 'apply tenant.yaml --no-wait')).toContain('nothing had to be changed')
  for (const command of ['status', 'verify', 'report']) await type(operator, `${command} tenant.yaml`)
  await type(operator, 'audit tenant.yaml')
  await type(operator, 'audit tenant.yaml --deep')
  // a cluster of the lab never boots, so "nothing is wrong" would be false; on a busy machine its time ends before it asked everything
  expect(await type(operator, 'diagnose tenant.yaml', [3])).toMatch(/acme-cluster|no answer within the time/)
  await type(operator, 'rotate tenant.yaml --account svc --yes')
}

async function giveToTenant(): Promise<void> {
  await type(operator, 'handover tenant.yaml --yes')
  const given = join(operator.folder, 'tenant-onboard', 'lab', 'acme', 'handover')
  await cp(given, join(tenant.folder, 'handover'), { recursive: true })
  await workByReadme(join(tenant.folder, 'handover'))
  await tenant.write('tenant.yaml', await exampleTenant('acme'))
  await type(tenant, 'accept handover tenant.yaml --yes --no-wait')
  await type(tenant, 'rotate tenant.yaml --account cluster --yes')
}

/** A person who has only this folder types what its README shows, with the real client. */
async function workByReadme(folder: string): Promise<void> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^ {4}openstack (--os-cloud [^#\n]*)/gm)].map((match) => (match[1] ?? '').trim())
  // the password stays for `accept`; the cluster of a lab is never complete
  const typed = commands.filter((line) => !/user password set|cluster config/.test(line))
  expect(typed.length).toBeGreaterThanOrEqual(6)
  const env = { PATH: '/usr/bin:/bin', HOME: folder }
  const outputs = new Map<string, string>()
  for (const line of typed)
    outputs.set(line, (await promisify(execFile)('/usr/bin/openstack', line.split(' '), { cwd: folder, env })).stdout)
  const shown = (part: string): string => [...outputs].find(([line]) => line.includes(part))?.[1] ?? ''
  expect(shown('project list')).toContain('acme-prod')
  expect(shown('role assignment list')).toContain('load-balancer_member')
  expect(shown('quota show')).toMatch(/instances +\| +10 /)
  expect(shown('network list')).toContain('acme-net')
  expect(shown('application credential create')).toMatch(/\| secret +\| \S{20,}/)
  expect(shown('coe cluster show')).toContain('CREATE_IN_PROGRESS')
}

async function offboard(): Promise<void> {
  await type(operator, 'offboard tenant.yaml --dry-run')
  expect(await type(operator, 'offboard tenant.yaml --confirm acme')).toContain('nothing of acme is left')
}
