import { CloudError } from '../../errors.ts'
import {
  createClusterTemplate,
  getClusterTemplate,
  listClusterTemplates,
} from '../../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate, ClusterTemplateFields } from '../../openstack/magnum/cluster-templates.ts'
import { listClusters } from '../../openstack/magnum/clusters.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { claimOnly } from '../gate.ts'
import type { GateContext } from '../gate.ts'
import { differing } from '../resource.ts'
import type { ResolvedResources, Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { keypairOf } from './credentials.ts'
import { interfaceOf } from './router.ts'
import { networkOf, subnetOf } from './subnet.ts'
import { projectOf } from './accounts.ts'

/*
 * The tenant's own cluster template, made by the creator, because a template is visible by ownership. It names
 * everything by UUID. For a name that resolves to nothing or to two objects, Magnum only reports a cluster type `(vm,
 * Unset, kubernetes)` (magnum/api/validation.py, enforce_driver_supported).
 */

export function templateOf(tenant: Tenant, project: TenantProject): Resource<ClusterTemplate, 'creator'> {
  const on = projectOf(tenant, project)
  const { template: name } = project.names
  const hasNetwork = project.spec.network !== undefined
  return {
    id: `${project.prefix}template/template`,
    stage: 'template',
    kind: 'cluster template',
    name,
    identity: { actor: 'creator', project },
    inside: [on.id],
    needs: [keypairOf(tenant, project).id, ...(hasNetwork ? [interfaceOf(tenant, project).id] : [])],
    async observe({ session, known }) {
      const projectId = known.need(on).id
      return (await listClusterTemplates(session)).filter((one) => one.name === name && one.project_id === projectId)
    },
    twins: {
      async usersOf({ session }, { uuid }) {
        const clusters = await listClusters(session)
        return clusters.filter((one) => one.cluster_template_id === uuid).map((one) => `cluster ${one.name}`)
      },
      deleteCommand: 'openstack coe cluster template delete',
    },
    // it has no description for our marker, but it is in a project of ours
    compare(found, known) {
      const { fixed_network, fixed_subnet, ...wanted } = fieldsOf(tenant, project, known)
      const changes = differing(wanted, found)
      // while network or subnet are missing or cannot be told from a twin, nobody knows what it should be pinned to
      const isUndecided = isPinnedBy(project) && fixed_network === undefined
      const isPinned =
        isUndecided ||
        (found.fixed_network === (fixed_network ?? null) && found.fixed_subnet === (fixed_subnet ?? null))
      if (!isPinned && !(project.spec.template?.pin === 'preferred' && found.fixed_network === null))
        changes.push({ field: 'fixed_network', from: found.fixed_network, to: fixed_network ?? null })
      return {
        isOurs: true,
        changes: [],
        ...(changes.length === 0
          ? isUndecided && { isUndecided }
          : {
              conflict: {
                message: `differs in ${changes.map((change) => `${change.field} (${JSON.stringify(change.from)}, file: ${JSON.stringify(change.to)})`).join(', ')}`,
                remedy: `a template is not changed under its clusters: delete ${found.uuid} when no cluster uses it, and apply again`,
              },
            }),
      }
    },
    async create({ session, known }) {
      const fields = fieldsOf(tenant, project, known)
      try {
        return await createClusterTemplate(session, fields)
      } catch (error) {
        const isRefused = error instanceof CloudError && error.status === 400 && fields.fixed_network !== undefined
        if (!isRefused || project.spec.template?.pin !== 'preferred') throw error
        const { fixed_network: _, fixed_subnet: __, ...unpinned } = fields
        return createClusterTemplate(session, unpinned)
      }
    },
  }
}

function fieldsOf(tenant: Tenant, project: TenantProject, known: ResolvedResources): ClusterTemplateFields {
  const { shared } = known
  const spec = project.spec.template
  const pin = isPinnedBy(project)
    ? pinTo(known.get(networkOf(tenant, project))?.id, known.get(subnetOf(tenant, project))?.id)
    : {}
  return {
    name: project.names.template,
    coe: 'kubernetes',
    server_type: 'vm',
    image_id: shared.image().id,
    external_network_id: shared.externalNetwork().id,
    flavor_id: shared.flavor().id,
    master_flavor_id: shared.masterFlavor().id,
    keypair_id: project.names.keypair,
    network_driver: spec?.network_driver ?? 'calico',
    docker_storage_driver: spec?.docker_storage_driver ?? 'overlay2',
    master_lb_enabled: spec?.master_lb_enabled ?? true,
    floating_ip_enabled: spec?.floating_ip_enabled ?? true,
    labels: spec?.labels ?? {},
    ...pin,
  }
}

function isPinnedBy({ spec }: TenantProject): boolean {
  return spec.template?.pin !== 'off' && spec.network !== undefined
}

/** Empty while there is no network. */
function pinTo(network: string | undefined, subnet: string | undefined) {
  return network === undefined || subnet === undefined ? {} : { fixed_network: network, fixed_subnet: subnet }
}

export const templateStage: Stage<'template'> = {
  name: 'template',
  resources: (tenant) => tenant.projects.filter(hasTemplate).map((project) => templateOf(tenant, project)),
  gates: [
    {
      name: 'complete',
      async check(context) {
        await Promise.all(context.tenant.projects.filter(hasTemplate).map((project) => checkTemplate(context, project)))
      },
    },
  ],
}

function hasTemplate(project: TenantProject): boolean {
  return project.spec.template !== undefined
}

async function checkTemplate(context: GateContext, project: TenantProject): Promise<void> {
  const { tenant, known, read } = context
  const { uuid } = known.need(templateOf(tenant, project))
  const wanted = fieldsOf(tenant, project, known)
  const [reading] = await Promise.all([
    read({ actor: 'creator', project }, (session) => getClusterTemplate(session, uuid)),
    claimOnly(context, templateOf(tenant, project)),
  ])
  const found = reading.about(templateOf(tenant, project))
  const template = reading.value
  const name = project.names.template
  found.claim(
    `template ${name} is for Kubernetes with ${wanted.network_driver ?? 'calico'}`,
    template.coe === 'kubernetes' && template.network_driver === wanted.network_driver,
    {
      id: uuid,
      coe: template.coe,
      network_driver: template.network_driver,
      cluster_distro: template.cluster_distro,
    },
  )
  found.claim(`template ${name} names its image by UUID`, template.image_id === known.shared.image().id, {
    image_id: template.image_id,
  })
  found.claim(
    `template ${name} has load balancer and floating IPs as in the tenant file`,
    template.master_lb_enabled === wanted.master_lb_enabled &&
      template.floating_ip_enabled === wanted.floating_ip_enabled,
    { master_lb_enabled: template.master_lb_enabled, floating_ip_enabled: template.floating_ip_enabled },
  )
  const pin = project.spec.template?.pin
  if (pin === 'off' || pin === undefined) return
  const isPinned =
    template.fixed_network === (wanted.fixed_network ?? null) && template.fixed_subnet === (wanted.fixed_subnet ?? null)
  const isFallback = pin === 'preferred' && template.fixed_network === null
  found.claim(
    isFallback
      ? `template ${name} is not pinned: the driver refused it, and the tenant file allows that`
      : `template ${name} is pinned to the project's network`,
    isPinned || isFallback,
    { fixed_network: template.fixed_network, fixed_subnet: template.fixed_subnet },
  )
}
