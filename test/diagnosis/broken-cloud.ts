/** A tenant on a simulated cloud that something is then wrong with. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Diagnosis } from '../../src/diagnosis/diagnose.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { FaultName } from '../../src/simulator/faults.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { parseState, renderState } from '../../src/simulator/snapshot.ts'
import { VAULT_BINDINGS_TOKEN, VAULT_TOKEN } from '../../src/simulator/vault.ts'
import type { Clock } from '../clock.ts'
import { exampleTenant, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

const pace = { clusterAccepted: 1, clusterCreated: 5, clusterDeleted: 1, clusterResized: 1 }

/** Onboarded once and then copied for each story: the state, and a data directory with the secrets. */
export type Onboarded = {
  readonly seed: Seed
  readonly state: string
  readonly clock: Clock
  readonly bed: TestBed
  readonly file: string
  readonly swap: Swap
}

type Swap = { fetch: Fetch }

const opened: TestBed[] = []
afterAll(async () => {
  await Promise.all(opened.splice(0).map((bed) => bed.remove()))
})

export async function onboard(seed: Seed, ...options: readonly string[]): Promise<Onboarded> {
  const { cloud, clock } = simulate(seed, { pace })
  const swap: Swap = { fetch: cloud.fetch }
  const bed = await openTestBed(operatorOf(cloud), (url, init) => swap.fetch(url, init), {}, clock)
  opened.push(bed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  await bed.write('vault.token', `${VAULT_TOKEN}\n`)
  await bed.write('vault-bindings.token', `${VAULT_BINDINGS_TOKEN}\n`)
  const { code, out, err } = await bed.run('apply', file, '--yes', ...options)
  if (code !== 0) throw new Error(`the healthy cloud does not take the tenant: ${out}${err}`)
  return { seed, state: renderState(cloud.state), clock, bed, file, swap }
}

/** The same cloud with faults in it, over what was there. */
export function breakCloud({ seed, state, clock, swap }: Onboarded, faults: readonly FaultName[]): Cloud {
  const { cloud } = simulate({ ...seed, faults }, { clock, pace, state: parseState(state, 'state') })
  swap.fetch = cloud.fetch
  return cloud
}

/** The options by which Vault, and the log of Barbican, are there to be looked into. */
export const withVault = [
  '--vault',
  'https://simulator.test/vault',
  '--vault-token-file',
  'vault.token',
  '--barbican-log',
  'barbican.log',
] as const

/**
 * Writes what Barbican would of a secret that it cannot store, under the id that its answer carried, as soon as it is answered.
 * Format: barbican 15.0.1, plugin/castellan_secret_store.py and api/controllers/__init__.py, handle_exceptions, as it was seen on the lab.
 */
export function logBarbican({ bed, swap }: Onboarded, message: string): void {
  const { fetch } = swap
  swap.fetch = async (url, init) => {
    const answer = await fetch(url, init)
    const id = answer.headers.get('x-openstack-request-id')
    if (answer.status === 500 && url.includes('/key-manager/')) {
      const head = '2026-11-23 06:15:31.854 8784 ERROR barbican.api.controllers'
      const isRead = url.endsWith('/payload')
      const seen = isRead ? 'Secret payload retrieval failure seen' : 'Secret creation failure seen'
      const context = `[None ${id ?? ''} 80b4 018d - - default default]`
      // oslo.log adds the exception to a message that is logged with one
      const exception = message === "'data'" ? 'KeyError' : 'castellan.common.exception.KeyManagerError'
      const first = `${isRead ? 'Error retrieving secret 90676eb11684411691df883d2dcc280a' : 'Error storing secret'}: ${message}: ${exception}: ${message}`
      await bed.write(
        'barbican.log',
        `2026-11-23 06:15:31.853 8784 ERROR barbican.plugin.castellan_secret_store ${context} ${first}\n${head} ${context} ${seen} - please contact site administrator.\n${head} barbican.plugin.interface.secret_store.SecretGeneralException: Problem seen during crypto processing - Reason: ${message}\n`,
      )
    }
    return answer
  }
}

export type Told = Diagnosis & { readonly tenant: string }

export async function diagnose(
  { bed, file }: Onboarded,
  ...options: readonly string[]
): Promise<{ readonly code: number; readonly told: Told }> {
  const { code, out, err } = await bed.run('diagnose', file, '-o', 'json', ...options)
  if (out === '') throw new Error(`diagnose told nothing: ${err}`)
  return { code, told: JSON.parse(out) as Told }
}

/** A request as one of the tenant's accounts, by what it left in the data directory. */
export async function as(
  { bed }: Onboarded,
  cloud: Cloud,
  who: 'creator' | 'automation',
): Promise<(method: string, path: string, body?: unknown) => Promise<unknown>> {
  const secret = async (name: string): Promise<string> =>
    (await readFile(join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'secrets', name), 'utf8')).trim()
  const domain = { name: 'acme' }
  const auth =
    who === 'creator'
      ? {
          identity: {
            methods: ['password'],
            password: { user: { name: 'acme-cluster', domain, password: await secret('cluster.password') } },
          },
          scope: { project: { name: 'acme-prod', domain } },
        }
      : {
          identity: {
            methods: ['application_credential'],
            application_credential: {
              name: 'acme-svc',
              user: { name: 'acme-svc', domain },
              secret: await secret('acme-svc.secret'),
            },
          },
        }
  const ask = async (method: string, url: string, body: unknown, token: string): Promise<Response> =>
    cloud.answer(
      new Request(url, {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(token === '' ? {} : { 'X-Auth-Token': token }),
          'OpenStack-API-Version': 'container-infra 1.10',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  const signedIn = await ask('POST', `${cloud.url}/auth/tokens`, { auth }, '')
  const token = signedIn.headers.get('x-subject-token') ?? ''
  return async (method, path, body) => {
    const answer = await ask(method, `${cloud.url.replace(/\/identity\/v3$/, '')}${path}`, body, token)
    const text = await answer.text()
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }
}

/** Asks for the cluster as that account does, and waits until Magnum has made of it what it will. */
export async function askForCluster(
  on: Onboarded,
  cloud: Cloud,
  who: 'creator' | 'automation' = 'creator',
): Promise<string> {
  const template = cloud.state.clusterTemplates.find(({ name }) => name === 'acme-k8s')
  const request = await as(on, cloud, who)
  await request('POST', '/container-infra/v1/clusters', {
    name: 'acme-cluster',
    cluster_template_id: template?.uuid,
    ...(who === 'automation' ? { keypair: '' } : {}),
  })
  for (let turn = 0; turn < 20; turn++) {
    await on.clock.sleep(5)
    await request('GET', '/container-infra/v1/mservices')
  }
  return cloud.state.clusters.find(({ name }) => name === 'acme-cluster')?.status ?? 'not there'
}
