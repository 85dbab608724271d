/**
 * /v1/certificates: the CA of a cluster, and its signatures. magnum 15.0.1, magnum/api/controllers/v1/certificate.py.
 */
import { findCluster } from './clusters.ts'
import { links } from './serializers.ts'
import { ok, param, route } from '../../service.ts'
import { projectOf } from '../../access.ts'
import { Refusal } from '../../refusal.ts'
import { authorityOf, registerReader } from './authority.ts'
import { signRequest } from '../../certificate-authority.ts'
import { textAt } from '../../json.ts'
import type { Authority } from '../../certificate-authority.ts'
import type { Call, Route } from '../../service.ts'
import type { Cluster } from '../../state.ts'
import type { Json } from '../../json.ts'

/** Not even an admin sees those of another project. */
function find(call: Call, id: string): Cluster {
  const row = findCluster(call, id)
  if (row.project_id !== projectOf(call)) throw new Refusal(404, `Cluster ${id} could not be found.`)
  return row
}

/** `ca_cert_type`: `kubernetes` by default, `etcd` and `front-proxy` besides. */
function authorityFor(call: Call, row: Cluster, type: string | null): Authority {
  const kind = authorities.get(type ?? '') ?? 'ca'
  registerReader(call.world, row, [kind])
  return authorityOf(call.world, row, kind)
}

/** Any other type means the CA of Kubernetes. conductor/handlers/common/cert_manager.py, get_cluster_ca_certificate */
const authorities: ReadonlyMap<string, string> = new Map([
  ['etcd', 'etcd'],
  ['front-proxy', 'front-proxy'],
  ['front_proxy', 'front-proxy'],
])

function shown(call: Call, row: Cluster, rest: Json): Json {
  return { bay_uuid: row.uuid, cluster_uuid: row.uuid, links: links(call, `certificates/${row.uuid}`), ...rest }
}

export const certificateRoutes: readonly Route[] = [
  route('GET', '/v1/certificates/:id', (call) => {
    const row = find(call, param(call, 'id'))
    const { certificate } = authorityFor(call, row, call.query.get('ca_cert_type'))
    return ok(shown(call, row, { pem: certificate }))
  }),
  route('POST', '/v1/certificates', async (call) => {
    const row = find(call, textAt(call.body, 'cluster_uuid') ?? textAt(call.body, 'bay_uuid') ?? '')
    const csr = textAt(call.body, 'csr') ?? ''
    const pem = await signRequest(call.world, authorityFor(call, row, textAt(call.body, 'ca_cert_type') ?? null), csr)
    return { status: 201, body: shown(call, row, { csr, pem }) }
  }),
]
