/**
 * The API of a completed cluster, as far as a health check needs it: nodes and pods, read with a certificate from the
 * CA of the cluster. Written from kubernetes 1.30, staging/src/k8s.io/apiserver:
 * pkg/authentication/request/x509/x509.go (CommonNameUserConversion) and
 * pkg/endpoints/handlers/responsewriters/errors.go. Untested against a real cluster.
 */
import { X509Certificate } from 'node:crypto'
import { authorityOf } from '../services/magnum/authority.ts'
import { nodesOf, podsOf } from './objects.ts'
import type { Cluster } from '../state.ts'
import type { Json } from '../json.ts'
import type { World } from '../world.ts'

type Client = { readonly name: string; readonly groups: readonly string[] }

/** `certificate` is the client's from the handshake, which has proved that it holds the key. */
export function answerKubernetes(
  world: World,
  cluster: Cluster,
  request: { readonly method: string; readonly url: string },
  certificate: string | undefined,
): Response {
  const { pathname, searchParams } = new URL(request.url)
  const client = certificate === undefined ? anonymous : clientOf(world, cluster, certificate)
  // an invalid certificate counts as none: the next authenticator is asked, and there is none
  if (client === undefined) return status(401, 'Unauthorized', 'Unauthorized')
  if (pathname === '/readyz' || pathname === '/livez')
    return new Response('ok', { headers: { 'Content-Type': 'text/plain' } })
  const collection = /^\/api\/v1\/(?:namespaces\/([a-z0-9-]+)\/)?(nodes|pods)$/.exec(pathname)
  const [, namespace, resource = ''] = collection ?? []
  if (!client.groups.includes('system:masters')) return forbidden(client, resource || pathname)
  if (collection === null) return status(404, 'NotFound', 'the server could not find the requested resource')
  if (request.method !== 'GET')
    return status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  const all = resource === 'nodes' ? nodesOf(world, cluster) : podsOf(world, cluster)
  const items = namespace === undefined ? all : all.filter((item) => namespaceOf(item) === namespace)
  return page(items, resource === 'nodes' ? 'NodeList' : 'PodList', searchParams)
}

const anonymous: Client = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** CN is the user, each O a group. */
function clientOf(world: World, cluster: Cluster, pem: string): Client | undefined {
  const certificate = new X509Certificate(pem)
  const authority = new X509Certificate(authorityOf(world, cluster, 'ca').certificate)
  if (!certificate.verify(authority.publicKey)) return undefined
  if (Date.parse(certificate.validTo) < world.now()) return undefined
  const parts = certificate.subject.split('\n')
  const valuesOf = (key: string): readonly string[] =>
    parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1))
  return { name: valuesOf('CN')[0] ?? '', groups: valuesOf('O') }
}

/** `limit` and `continue`: a list in chunks. */
function page(items: readonly Json[], kind: string, query: URLSearchParams): Response {
  const start = Number(query.get('continue') ?? 0)
  const limit = Number(query.get('limit') ?? 0)
  const shown = limit > 0 ? items.slice(start, start + limit) : items.slice(start)
  const next = start + shown.length
  const metadata = { resourceVersion: '1', ...(next < items.length ? { continue: String(next) } : {}) }
  return json(200, { kind, apiVersion: 'v1', metadata, items: shown })
}

function forbidden(client: Client, resource: string): Response {
  const message = `${resource} is forbidden: User "${client.name}" cannot list resource "${resource}" in API group "" at the cluster scope`
  return status(403, 'Forbidden', message)
}

function status(code: number, reason: string, message: string): Response {
  return json(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code })
}

function json(code: number, body: Json): Response {
  return new Response(JSON.stringify(body), { status: code, headers: { 'Content-Type': 'application/json' } })
}

function namespaceOf(item: Json): unknown {
  const { metadata } = item
  return typeof metadata === 'object' && metadata !== null && 'namespace' in metadata ? metadata.namespace : undefined
}
