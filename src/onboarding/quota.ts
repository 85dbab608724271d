import { setQuota } from '../openstack/quota-setting.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { quotaServices, quotaTable, readLimits } from '../openstack/quotas.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import { serviceTable } from '../openstack/services.ts'
import type { Session } from '../openstack/session.ts'
import type { TenantProject } from '../tenant/tenant.ts'
import { differing } from './resource.ts'
import type { Resource } from './resource.ts'

/** The values in a tenant file for one service, without those that it leaves to the cloud. */
export function wantedOf(project: TenantProject, service: QuotaService): Limits {
  const asked: Readonly<Record<string, number | undefined>> = project.spec.quotas[service] ?? {}
  return Object.fromEntries(Object.entries(asked).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

/** Of the keys that are wanted, what was read; `null` where the service does not show one. */
export function compareQuota(
  wanted: Limits,
  read: Limits,
): { readonly found: Readonly<Record<string, number | null>>; readonly isAsAsked: boolean } {
  const found = Object.fromEntries(Object.keys(wanted).map((key) => [key, read[key] ?? null]))
  return { found, isAsAsked: Object.entries(wanted).every(([key, limit]) => found[key] === limit) }
}

/** Made by the manager, or only seen by the operator. */
type ProjectResource = Resource<Project, 'manager'> | Resource<Project, 'operator'>

export type QuotaResource = Resource<Limits, 'operator'> & { readonly service: QuotaService; readonly wanted: Limits }

/** One for each service that the tenant file names. Every project has quotas, so these are never created, only set. */
export function quotasOf(project: TenantProject, of: ProjectResource): readonly QuotaResource[] {
  const services = quotaServices.filter((service) => Object.keys(wantedOf(project, service)).length > 0)
  return services.map((service) => quotaOf(project, of, service))
}

function quotaOf(project: TenantProject, of: ProjectResource, service: QuotaService): QuotaResource {
  const wanted = wantedOf(project, service)
  const { type } = quotaTable[service]
  const id = `${project.prefix}self-service/quota-${type}`
  const name = `${serviceTable[type].label} quota of ${project.names.project}`
  const set = (session: Session<'operator'>, projectId: string): Promise<Limits> =>
    setQuota(session, { step: id, name, service, projectId }, wanted)
  return {
    service,
    wanted,
    id,
    stage: 'self-service',
    kind: 'quota',
    name,
    identity: { actor: 'operator' },
    inside: [of.id],
    needs: [],
    observe: async ({ session, known }) => [await readLimits(session, service, known.need(of).id)],
    compare: (found) => ({ isOurs: true, changes: differing(wanted, found) }),
    create: ({ session, known }) => set(session, known.need(of).id),
    update: ({ session, known }) => set(session, known.need(of).id),
  }
}
