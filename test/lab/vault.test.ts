/**
 * OpenBao behind Barbican, set up as charm-vault and charm-barbican-vault set Vault up: D-067 by the words of a real server, the cure, and that
 * what was stored before is read afterwards. test/lab/diagnosis.test.ts does the first five modes on the stand-in.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/diagnosis/diagnose.ts'
import { createStoredSecret, getStoredPayload } from '../../src/openstack/barbican.ts'
import { createTransport } from '../../src/openstack/http.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed
let file: string
let operator: Session

beforeAll(async () => {
  await runLab('reset')
  await runLab('up', 'vault')
  lab = await findLab()
  await layManager(lab)
  operator = openOperator(lab, transport.fetch)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes', '--until', 'self-service')
  expect(code, `${out}${err}`).toBe(0)
})

afterAll(async () => {
  await bed.remove()
  await transport.close()
  await runLab('reset')
})

/** What `diagnose` says of Vault, with the log and a token that may only read. */
async function diagnosed(): Promise<readonly string[]> {
  const tokenFile = await bed.write('vault.token', `${lab.vault.token}\n`)
  const log = lab.services['barbican']?.log ?? ''
  const vault = ['--vault', lab.vault.url, '--vault-token-file', tokenFile, '--barbican-log', log]
  const { out, err } = await bed.run('diagnose', file, '-o', 'json', '--api-timeout', '60', ...vault)
  expect(out, err).not.toBe('')
  expect(out).not.toContain(lab.vault.token)
  const { findings } = JSON.parse(out) as Diagnosis
  for (const { remedy } of findings) expect(remedy).not.toMatch(/0\.0\.0\.0\/0/)
  return findings.map(({ code }) => code).filter((code) => /vault|store|manager/.test(code))
}

const modes = [
  ['wrong-plane', 'diagnosis/vault-wrong-plane'],
  ['stale-secret-id', 'diagnosis/vault-stale-secret-id'],
  ['refreshed-not-taken', 'diagnosis/vault-secret-id-not-taken'],
  ['destroyed', 'diagnosis/vault-no-secret-id'],
  ['replaced', 'diagnosis/vault-secret-id-unknown'],
  ['locked-out', 'diagnosis/vault-locked-out'],
  ['token-bound', 'diagnosis/vault-token-bound'],
  ['policy-missing', 'diagnosis/vault-policy-missing'],
  ['sealed', 'diagnosis/vault-sealed'],
  ['down', 'diagnosis/vault-down'],
  ['mount-moved', 'diagnosis/vault-mount-moved'],
  ['rate-limited', 'diagnosis/vault-rate-limit'],
] as const

test.each(modes)('%s is %s, and after the cure old secrets are read', async (mode, code) => {
  await runLab('vault', 'works')
  expect(await diagnosed()).toEqual([])
  const id = await createStoredSecret(operator, { name: 'before', payload: new Secret('kept before') })
  await runLab('vault', mode)
  expect(await diagnosed()).toEqual([code])
  // refresh-secrets, the charm takes it, Barbican is restarted
  await runLab('vault', 'works')
  expect((await getStoredPayload(operator, id)).reveal()).toBe('kept before')
  expect(await diagnosed()).toEqual([])
})
