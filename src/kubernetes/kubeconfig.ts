import { parse, stringify } from 'yaml'
import { isRecord } from '../openstack/shape.ts'
import { Secret } from '../secret.ts'
import type { ClientIdentity } from '../openstack/http.ts'

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
