/** The management cluster of `lab/up capi`, asked as its admin: what is in a namespace, and what a story breaks there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createTransport } from '../../../src/openstack/http.ts'
import { exchange } from '../../../src/openstack/exchange.ts'
import { parseKubeconfig } from '../../../src/kubernetes/kubeconfig.ts'
import { Secret } from '../../../src/secret.ts'

export type Management = {
  /** Names of a kind in all namespaces; `path` as `/api/v1/secrets`. */
  readonly names: (path: string) => Promise<readonly string[]>
  readonly get: (path: string) => Promise<Readonly<Record<string, unknown>>>
  readonly patch: (path: string, body: unknown) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openManagement(labFolder: string): Promise<Management> {
  const text = await readFile(join(labFolder, 'capi/mgmt/kubeconfig'), 'utf8')
  const config = parseKubeconfig(new Secret(text))
  if (config === undefined) throw new Error('lab/up capi wrote no kubeconfig')
  const transport = createTransport()
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/merge-patch+json' }
    const answer = await exchange(transport.fetch, {
      service: 'kubernetes',
      url: `${config.address}${path}`,
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadlineMs: 30_000,
      bodyLimit: 2 ** 25,
      identity: config.identity,
    })
    return answer.unmasked()
  }
  return {
    async names(path) {
      const found = (await send('GET', path)) as {
        readonly items: readonly { readonly metadata: { readonly name: string } }[]
      }
      return found.items.map(({ metadata }) => metadata.name)
    },
    async get(path) {
      return (await send('GET', path)) as Readonly<Record<string, unknown>>
    },
    async patch(path, body) {
      await send('PATCH', path, body)
    },
    async remove(path) {
      await send('DELETE', path)
    },
    close: () => transport.close(),
  }
}

/** The tenant file of these stories: for the image and the loopback network that `lab/up capi` makes. */
export async function capiTenant(conductorLog: string, change: (text: string) => string = (text) => text) {
  const example = await readFile('examples/acme/tenant.yaml', 'utf8')
  const { version } = parse(example) as { readonly version: number }
  if (version !== 1) throw new Error('the example has another version')
  return change(
    `${example}overrides:\n  image: ubuntu-kube\n  external_network: loop-ext\n  logs:\n    magnum_conductor: {from: file, path: ${conductorLog}}\n`,
  )
}
