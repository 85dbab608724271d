import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import { exampleTenant, openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager } from '../operator.ts'
import { secretsOf, signInAsTheFileSays } from './entries.ts'

/* A tenant of ours goes over to Terraform: its plan imports everything, and changes nothing. */

const run = promisify(execFile)
const transport = createTransport()
const hostile = 'costs ${x} or %{y}, says "Acme" \\ and $${z}'
const documented = readFileSync('docs/export.md', 'utf8')
  .split('\n')
  .map((line) => line.trim())
let tools: Promise<{ readonly terraformrc: string }>
let lab: Lab
let bed: TestBed
let folder: string
let secrets: ReadonlyMap<string, string>

beforeAll(async () => {
  lab = await findLab()
  tools = runLab('tools').then((text) => (JSON.parse(text) as { tools: { terraformrc: string } }).tools)
  await runLab('reset')
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  folder = join(bed.folder, 'terraform')
  await mkdir(folder)
})

afterAll(async () => {
  await bed.remove()
  await transport.close()
  await runLab('reset')
})

/** A command as docs/export.md prints it: its output, and its exit code, whatever it is. */
async function type(line: string): Promise<{ readonly code: number; readonly out: string }> {
  expect(documented, line).toContain(line)
  const { terraformrc } = await tools
  const env = { ...process.env, TF_CLI_CONFIG_FILE: terraformrc, OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml') }
  const [program = '', ...argv] = line.split(' ')
  const typed = run(program, argv, { cwd: folder, env })
  typed.child.stdin?.end('yes\n')
  return typed.then(
    ({ stdout }) => ({ code: 0, out: stripVTControlCharacters(stdout) }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as {
        readonly code: number
        readonly stdout: string
        readonly stderr: string
      }
      return { code, out: stripVTControlCharacters(stdout + stderr) }
    },
  )
}

test('export --to terraform writes a file without a secret, and says what is not in it', async () => {
  const two = (text: string): string =>
    `${text
      .replace(/^description: .*$/m, `description: ${JSON.stringify(hostile)}`)
      .replace(/ {4}cluster:\n(?: {6}.*\n)*/, '')}  - name: test\n    network: { cidr: 10.30.1.0/24 }\n`
  const file = await bed.write('tenant.yaml', await exampleTenant('acme', two))
  const applied = await bed.run('apply', file, '--yes')
  expect(applied.code, applied.err + applied.out).toBe(0)
  const typed = documented
    .find((line) => line.startsWith('tenant-onboard export acme --to terraform'))
    ?.replace('--cloud prod', '--cloud lab')
  const exported = await bed.run(...(typed?.split(' ').slice(1) ?? []))
  expect(exported.err).toContain('not in the file: quota of Magnum for `acme-prod`')
  expect(exported.code).toBe(3)
  const text = await readFile(join(folder, 'acme.tf'), 'utf8')
  expect(text).toContain('# One owner a tenant: after `terraform apply`, change this tenant with that tool alone.')
  secrets = await secretsOf(bed, 'acme')
  expect([...secrets].filter(([, secret]) => text.includes(secret))).toEqual([])
})

test('the plan imports everything and changes nothing; after the import there is nothing to do', async () => {
  await signInAsTheFileSays(await readFile(join(folder, 'acme.tf'), 'utf8'), {
    lab,
    secrets,
    folder,
    names: ['acme-svc', 'acme-cluster', 'acme-test-svc', 'acme-test-cluster'],
  })
  expect((await type('terraform init')).out).toContain('successfully initialized')
  const formatted = await run('terraform', ['fmt', '-check', '-diff'], { cwd: folder })
  expect(formatted.stdout).toBe('')
  const planned = await type('terraform plan')
  expect(planned.out).toMatch(/Plan: \d\d to import, 0 to add, 0 to change, 0 to destroy\./)
  const applied = await type('terraform apply')
  expect(applied.out).toMatch(/Resources: \d\d imported, 0 added, 0 changed, 0 destroyed\./)
  const again = await type('terraform plan -detailed-exitcode')
  expect(again.out).toContain('No changes.')
  expect(again.code).toBe(0)
  const state = await readFile(join(folder, 'terraform.tfstate'), 'utf8')
  expect([...secrets].filter(([, secret]) => state.includes(secret))).toEqual([])
})

test('a change of the file is a change of the plan', async () => {
  const text = await readFile(join(folder, 'acme.tf'), 'utf8')
  await writeFile(join(folder, 'acme.tf'), text.replace(/(cores += )20/, '$121'))
  const planned = await type('terraform plan -detailed-exitcode')
  expect(planned.out).toContain('Plan: 0 to add, 1 to change, 0 to destroy.')
  expect(planned.code).toBe(2)
})
