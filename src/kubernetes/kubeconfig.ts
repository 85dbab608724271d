import { parse, stringify } from 'yaml'
import { isRecord } from '../openstack/shape.ts'
import { Secret } from '../secret.ts'
import type { ClientIdentity, TlsIdentity } from '../openstack/http.ts'

export type Kubeconfig = {
  readonly cluster: string
  readonly address: string
  readonly identity: ClientIdentity
}

/**
 * The input of `kubectl --kubeconfig`: everything inside, no path to another file. It has the key: write it to a 0600
 * file.
 */
export function renderKubeconfig({ cluster, address, identity }: Kubeconfig): Secret {
  const data = (pem: string): string => Buffer.from(pem).toString('base64')
  return new Secret(
    stringify(
      {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': cluster,
        clusters: [{ name: cluster, cluster: { server: address, 'certificate-authority-data': data(identity.ca) } }],
        users: [
          {
            name: `${cluster}-admin`,
            user: {
              'client-certificate-data': data(identity.certificate),
              'client-key-data': data(identity.key.reveal()),
            },
          },
        ],
        contexts: [{ name: cluster, context: { cluster, user: `${cluster}-admin` } }],
      },
      { lineWidth: 0 },
    ),
    'file',
  )
}

/** Reads the output of `renderKubeconfig`; `undefined` for anything else. */
export function parseKubeconfig(text: Secret): Kubeconfig | undefined {
  const found = parsed(text)
  const cluster = first(found, 'clusters', 'cluster')
  const user = first(found, 'users', 'user')
  const name = isRecord(found) ? found['current-context'] : undefined
  const [ca, certificate, key] = [
    pemOf(cluster['certificate-authority-data']),
    pemOf(user['client-certificate-data']),
    pemOf(user['client-key-data']),
  ]
  const address = cluster['server']
  if (ca === undefined || certificate === undefined || key === undefined) return undefined
  if (typeof name !== 'string' || typeof address !== 'string') return undefined
  return { cluster: name, address, identity: { ca, certificate, key: new Secret(key) } }
}

function parsed(text: Secret): unknown {
  try {
    // a warning would quote the file, which has a key
    return parse(text.reveal(), { logLevel: 'error' })
  } catch {
    return undefined
  }
}

function first(found: unknown, list: string, inside: string): Readonly<Record<string, unknown>> {
  const items: unknown = isRecord(found) ? found[list] : undefined
  const item: unknown = Array.isArray(items) ? items[0] : undefined
  const inner = isRecord(item) ? item[inside] : undefined
  return isRecord(inner) ? inner : {}
}

function pemOf(data: unknown): string | undefined {
  if (typeof data !== 'string') return undefined
  const pem = Buffer.from(data, 'base64').toString('utf8')
  return pem.includes('-----BEGIN ') ? pem : undefined
}

/** How an operator reaches a cluster: by a certificate or a token. */
export type Access = { readonly address: string; readonly identity: TlsIdentity; readonly token?: Secret | undefined }

/**
 * The current context of any kubeconfig. Certificates may stand inside or in files, which `readFile` finds. A program that
 * signs in (`exec`) is not run. The text of a problem is for whoever wrote the path.
 */
export async function accessOf(
  text: Secret,
  readFile: (path: string) => Promise<string | undefined>,
): Promise<Access | { readonly problem: string }> {
  const found = parsed(text)
  const context = named(found, 'contexts', 'context', isRecord(found) ? found['current-context'] : undefined)
  const cluster = named(found, 'clusters', 'cluster', context['cluster'])
  const user = named(found, 'users', 'user', context['user'])
  const pem = async (of: Readonly<Record<string, unknown>>, name: string): Promise<string | undefined> => {
    const path = of[name]
    return pemOf(of[`${name}-data`]) ?? (typeof path === 'string' ? await readFile(path) : undefined)
  }
  const [ca, certificate, key, tokenFile] = await Promise.all([
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
    typeof user['tokenFile'] === 'string' ? readFile(user['tokenFile']) : undefined,
  ])
  const address = cluster['server']
  const token = typeof user['token'] === 'string' ? user['token'] : tokenFile?.trim()
  if (typeof address !== 'string' || ca === undefined)
    return { problem: 'its current context names no server with a certificate authority' }
  if (certificate !== undefined && key !== undefined)
    return { address, identity: { ca, certificate, key: new Secret(key) } }
  if (token !== undefined && token !== '') return { address, identity: { ca }, token: new Secret(token) }
  return { problem: 'its user has neither a client certificate with a key nor a token' }
}

function named(found: unknown, list: string, inside: string, name: unknown): Readonly<Record<string, unknown>> {
  const items: unknown = isRecord(found) ? found[list] : undefined
  const item: unknown = Array.isArray(items)
    ? items.find((one: unknown) => isRecord(one) && one['name'] === name)
    : undefined
  const inner = isRecord(item) ? item[inside] : undefined
  return isRecord(inner) ? inner : {}
}
