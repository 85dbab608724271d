/** Terraform makes a tenant on the served simulator, finds nothing to change, and removes it. */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'
import { toolsFolder } from './tools.ts'

const cloud = createCloud()
let served: Served
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terraform-'))
  served = await serve({ cloud, port: 0 })
  const variables = {
    tenant: 'cedar',
    cidr: '10.77.0.0/24',
    auth_url: served.url,
    passwords: { manager: 'Pw-manager-1', svc: 'Pw-svc-1', cluster: 'Pw-cluster-1' },
  }
  await copyFile(join(import.meta.dirname, 'tenant.tf'), join(folder, 'tenant.tf'))
  await writeFile(join(folder, 'clouds.yaml'), renderClouds(cloud, { name: 'sim' }))
  await writeFile(join(folder, 'terraform.tfvars.json'), JSON.stringify(variables))
})

afterAll(async () => {
  await served.close()
  await rm(folder, { recursive: true })
})

/** Its end, and what it said; without a proxy and anything else of the caller's environment. */
function terraform(...message: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml'),
    TF_CLI_CONFIG_FILE: join(toolsFolder, 'terraformrc'),
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  }
  return new Promise((resolve) => {
    execFile('terraform', [...message, '-no-color'], { env, cwd: folder, maxBuffer: 2 ** 24 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, said: out + err })
    })
  })
}

const accounts = (): readonly string[] => cloud.state.users.map(({ name }) => name)

test('21 resources: made, nothing to change, gone', { timeout: 900_000 }, async () => {
  const init = await terraform('init')
  expect(init.code, init.said).toBe(0)
  const before = accounts()
  const made = await terraform('apply', '-auto-approve')
  expect(made.said).toContain('Resources: 21 added, 0 changed, 0 destroyed')
  expect(cloud.state.domains.some(({ name }) => name === 'cedar')).toBe(true)
  const again = await terraform('plan', '-detailed-exitcode')
  expect(again.code, again.said).toBe(0)
  // a change made beside it is seen, so that no difference means something
  for (const network of cloud.state.networks.filter(({ name }) => name === 'cedar-net'))
    cloud.state.networks.set(network.id, { ...network, name: 'renamed' })
  const drifted = await terraform('plan', '-detailed-exitcode')
  expect([drifted.code, drifted.said.includes('0 to add, 1 to change, 0 to destroy')]).toEqual([2, true])
  const gone = await terraform('destroy', '-auto-approve')
  expect(gone.said).toContain('Resources: 21 destroyed')
  expect(cloud.state.domains.some(({ name }) => name === 'cedar')).toBe(false)
  expect(accounts()).toEqual(before)
})
