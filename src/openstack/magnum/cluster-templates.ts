import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, mapOf, object, optional, orNull, text } from '../shape.ts'

export type ClusterTemplate = {
  readonly uuid: string
  readonly name: string | null
  readonly coe: string
  readonly image_id: string
  readonly server_type: string
  /** From the image's `os_distro` at the time when the template was made. */
  readonly cluster_distro: string | null
  readonly flavor_id: string | null
  readonly master_flavor_id: string | null
  readonly keypair_id: string | null
  readonly external_network_id: string | null
  readonly fixed_network: string | null
  readonly fixed_subnet: string | null
  readonly network_driver: string | null
  readonly docker_storage_driver: string | null
  readonly dns_nameserver: string | null
  readonly master_lb_enabled: boolean
  readonly floating_ip_enabled: boolean
  readonly public: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly project_id: string
  readonly user_id: string
}

const template = object<ClusterTemplate>({
  uuid: text,
  name: orNull(text),
  coe: text,
  image_id: text,
  server_type: text,
  cluster_distro: orNull(text),
  flavor_id: orNull(text),
  master_flavor_id: orNull(text),
  keypair_id: orNull(text),
  external_network_id: orNull(text),
  fixed_network: orNull(text),
  fixed_subnet: orNull(text),
  network_driver: orNull(text),
  docker_storage_driver: orNull(text),
  dns_nameserver: orNull(text),
  master_lb_enabled: flag,
  floating_ip_enabled: flag,
  public: flag,
  labels: (value, at) => optional(mapOf(text))(value, at) ?? {},
  project_id: text,
  user_id: text,
})

/** Those of the token's project and the public ones; for an admin, all. */
export function listClusterTemplates(session: Session): Promise<readonly ClusterTemplate[]> {
  return list(session, { service: 'container-infra', path: '/clustertemplates' }, 'clustertemplates', template)
}

/** Names are not unique, and other tenants' public templates count: give the project. */
export async function findClusterTemplate(
  session: Session,
  name: string,
  of: { readonly projectId: string },
): Promise<ClusterTemplate | undefined> {
  return findByName(
    session,
    { service: 'container-infra', path: '/clustertemplates' },
    { key: 'clustertemplates', read: template, name, isWanted: (found) => found.project_id === of.projectId },
  )
}

export function getClusterTemplate(session: Session, uuid: string): Promise<ClusterTemplate> {
  return get(session, { service: 'container-infra', path: `/clustertemplates/${uuid}` }, template)
}

/**
 * Images by UUID only: for a name that two images share, Magnum says `Cluster type (vm, Unset, kubernetes) not
 * supported`.
 */
export type ClusterTemplateFields = {
  readonly name: string
  readonly coe: 'kubernetes'
  readonly image_id: string
  readonly external_network_id: string
  readonly server_type?: 'vm'
  readonly flavor_id?: string
  readonly master_flavor_id?: string
  readonly keypair_id?: string
  readonly fixed_network?: string
  readonly fixed_subnet?: string
  readonly network_driver?: string
  readonly dns_nameserver?: string
  readonly docker_storage_driver?: string
  readonly docker_volume_size?: number
  readonly master_lb_enabled?: boolean
  readonly floating_ip_enabled?: boolean
  readonly labels?: Readonly<Record<string, string>>
}

export function createClusterTemplate(session: Session, fields: ClusterTemplateFields): Promise<ClusterTemplate> {
  return send(
    session,
    { service: 'container-infra', method: 'POST', path: '/clustertemplates', body: fields },
    template,
  )
}

/** Refused (400) while a cluster uses it. */
export function deleteClusterTemplate(session: Session, uuid: string): Promise<void> {
  return send(session, { service: 'container-infra', method: 'DELETE', path: `/clustertemplates/${uuid}` })
}
