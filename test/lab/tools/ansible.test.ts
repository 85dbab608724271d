import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import { exampleTenant, openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager } from '../operator.ts'
import { secretsOf, signInAsTheFileSays } from './entries.ts'

/* A tenant of ours goes over to Ansible: its playbook finds everything as it is. */

const run = promisify(execFile)
const transport = createTransport()
const hostile = 'costs {{ x }} or {% y %}, says "Acme" {# z #}'
const documented = readFileSync('docs/export.md', 'utf8')
  .split('\n')
  .map((line) => line.trim())
let lab: Lab
let bed: TestBed
let ansible: string
let secrets: ReadonlyMap<string, string>

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  await layManager(lab)
  ansible = (JSON.parse(await runLab('tools')) as { tools: { ansible: string } }).tools.ansible
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
})

afterAll(async () => {
  await bed.remove()
  await transport.close()
  await runLab('reset')
})

/** A command as docs/export.md prints it. */
async function type(line: string): Promise<{ readonly code: number; readonly out: string }> {
  expect(documented, line).toContain(line)
  const env = {
    PATH: `${dirname(ansible)}:${process.env.PATH ?? ''}`,
    HOME: bed.folder,
    LC_ALL: 'C.UTF-8',
    OS_CLIENT_CONFIG_FILE: join(bed.folder, 'clouds.yaml'),
  }
  const [program = '', ...argv] = line.split(' ')
  return run(program, argv, { cwd: bed.folder, env }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as {
        readonly code: number
        readonly stdout: string
        readonly stderr: string
      }
      return { code, out: stdout + stderr }
    },
  )
}

test('export --to ansible writes a playbook without a secret', async () => {
  const alone = (text: string): string =>
    text
      .replace(/^description: .*$/m, `description: ${JSON.stringify(hostile)}`)
      .replace(/ {4}cluster:\n(?: {6}.*\n)*/, '')
  const file = await bed.write('tenant.yaml', await exampleTenant('acme', alone))
  const applied = await bed.run('apply', file, '--yes')
  expect(applied.code, applied.err + applied.out).toBe(0)
  const line = documented.find((one) => one.startsWith('tenant-onboard export acme --to ansible'))
  const exported = await bed.run(...(line?.replace('--cloud prod', '--cloud lab').split(' ').slice(1) ?? []))
  expect(exported.err).toContain('not in the file: quota of Magnum for `acme-prod`')
  expect(exported.code).toBe(3)
  const text = await readFile(join(bed.folder, 'acme.yml'), 'utf8')
  expect(text).toContain('# One owner a tenant: after `ansible-playbook`')
  secrets = await secretsOf(bed, 'acme')
  expect([...secrets].filter(([, secret]) => text.includes(secret))).toEqual([])
})

test('Ansible takes the playbook, and changes nothing', async () => {
  const text = await readFile(join(bed.folder, 'acme.yml'), 'utf8')
  await signInAsTheFileSays(text, { lab, secrets, folder: bed.folder, names: ['acme-svc', 'acme-cluster'] })
  const read = await type('ansible-playbook --syntax-check acme.yml')
  expect(read.code, read.out).toBe(0)
  const played = await type('ansible-playbook acme.yml')
  expect(played.code, played.out).toBe(0)
  expect(played.out).toMatch(/localhost +: ok=\d\d +changed=0 +unreachable=0 +failed=0/)
})

test('a change of the playbook is a change of the tenant', async () => {
  const text = await readFile(join(bed.folder, 'acme.yml'), 'utf8')
  await writeFile(join(bed.folder, 'acme.yml'), text.replace(/cores: 20/, 'cores: 21'))
  const played = await type('ansible-playbook acme.yml')
  expect(played.out).toMatch(/localhost +: ok=\d\d +changed=1 +unreachable=0 +failed=0/)
})
