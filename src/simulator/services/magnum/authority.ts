/** The CAs of a cluster, as Magnum finds them in Barbican. magnum 15.0.1, conductor/handlers/common/cert_manager.py. */
import { Refusal } from '../../refusal.ts'
import type { Authority } from '../../certificate-authority.ts'
import type { Cluster } from '../../state.ts'
import type { World } from '../../world.ts'

export function authorityOf(world: World, row: Cluster, kind: string): Authority {
  const container = world.state.containers.get(row.certificateRefs[kind]?.split('/').at(-1) ?? '')
  const payload = (name: string): string => {
    const ref = container?.secretRefs.find((each) => each.name === name)?.secret_ref
    return world.state.secrets.get(ref?.split('/').at(-1) ?? '')?.payload ?? ''
  }
  const authority = { certificate: payload('certificate'), privateKey: payload('private_key') }
  if (authority.certificate === '') throw new Refusal(500, `Certificates for Cluster ${row.uuid} could not be found.`)
  return authority
}
