/** /v1/certificates: the CA of a cluster, and what it signs. magnum 15.0.1, magnum/api/controllers/v1/certificate.py. */
import { findCluster } from './clusters.ts'
import { links } from './wire.ts'
import { ok, param, route } from '../service.ts'
import { projectOf } from '../access.ts'
import { Refusal } from '../refusal.ts'
import { signRequest } from '../certificate-authority.ts'
import { textAt } from '../json.ts'
import type { Authority } from '../certificate-authority.ts'
import type { Call, Route } from '../service.ts'
import type { Cluster } from '../state.ts'
import type { Json } from '../json.ts'

/** Not even an admin sees those of another project. */
function find(call: Call, id: string): Cluster {
  const row = findCluster(call, id)
  if (row.project_id !== projectOf(call)) throw new Refusal(404, `Cluster ${id} could not be found.`)
  return row
}

/** `ca_cert_type`: `kubernetes` by default, `etcd` and `front-proxy` besides. */
function authorityOf(call: Call, row: Cluster, type: string | null): Authority {
  const kind = type === null || type === '' || type === 'kubernetes' || type === 'kubelet' ? 'ca' : type
  const container = call.world.state.containers.get(row.certificateRefs[kind]?.split('/').at(-1) ?? '')
  const payload = (name: string): string => {
    const ref = container?.secretRefs.find((each) => each.name === name)?.secret_ref
    return call.world.state.secrets.get(ref?.split('/').at(-1) ?? '')?.payload ?? ''
  }
  const authority = { certificate: payload('certificate'), privateKey: payload('private_key') }
  if (authority.certificate === '') throw new Refusal(500, `Certificates for Cluster ${row.uuid} could not be found.`)
  return authority
}

function shown(call: Call, row: Cluster, rest: Json): Json {
  return { bay_uuid: row.uuid, cluster_uuid: row.uuid, links: links(call, `certificates/${row.uuid}`), ...rest }
}

export const certificateRoutes: readonly Route[] = [
  route('GET', '/v1/certificates/:id', (call) => {
    const row = find(call, param(call, 'id'))
    const { certificate } = authorityOf(call, row, call.query.get('ca_cert_type'))
    return ok(shown(call, row, { pem: certificate }))
  }),
  route('POST', '/v1/certificates', async (call) => {
    const row = find(call, textAt(call.body, 'cluster_uuid') ?? textAt(call.body, 'bay_uuid') ?? '')
    const csr = textAt(call.body, 'csr') ?? ''
    const pem = await signRequest(call.world, authorityOf(call, row, textAt(call.body, 'ca_cert_type') ?? null), csr)
    return { status: 201, body: shown(call, row, { csr, pem }) }
  }),
]
