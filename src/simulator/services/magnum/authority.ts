/** The CAs of a cluster, as Magnum finds them in Barbican. magnum 15.0.1, conductor/handlers/common/cert_manager.py. */
import { Refusal } from '../../refusal.ts'
import type { Authority } from '../../certificate-authority.ts'
import type { Cluster } from '../../state.ts'
import type { World } from '../../world.ts'

export const CERTIFICATES = ['ca', 'etcd', 'front-proxy', 'magnum'] as const

/** With the id of the cluster as its consumer: common/cert_manager/barbican_cert_manager.py, get_cert. */
export function registerReader(world: World, row: Cluster, kinds: readonly string[]): void {
  for (const kind of kinds) {
    const container = world.state.containers.get(row.certificateRefs[kind]?.split('/').at(-1) ?? '')
    if (container === undefined || container.consumers?.includes(row.uuid) === true) continue
    const consumers = [...(container.consumers ?? []), row.uuid]
    world.state.containers.set(container.id, { ...container, consumers })
  }
}

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
