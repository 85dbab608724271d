import { CloudError } from '../../errors.ts'
import { createClusterTemplate, listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate, ClusterTemplateFields } from '../../openstack/magnum/cluster-templates.ts'
import { listClusters } from '../../openstack/magnum/clusters.ts'
import type { ClusterSummary } from '../../openstack/magnum/clusters.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { claimOnly } from '../gate.ts'
import type { GateContext } from '../gate.ts'
import { differing } from '../resource.ts'
import type { ResolvedResources, Resource } from '../resource.ts'
import type { Chosen } from '../shared-resources.ts'
import type { Stage } from '../stage.ts'
import { keypairOf } from './credentials.ts'
import { interfaceOf } from './router.ts'
import { networkOf, subnetOf } from './subnet.ts'
import { projectOf } from './accounts.ts'

/*
 * The tenant's own cluster template, made by the creator, because a template is visible by ownership. Ours names everything by
 * UUID: for a name that resolves to nothing or to two objects, Magnum only reports a cluster type `(vm, Unset, kubernetes)`
 * (magnum/api/validation.py, enforce_driver_supported). One that was made by hand may use names, which Magnum keeps as they
 * were typed.
 */

/** `usedBy`: the names of its clusters; absent for one just made. */
type FoundTemplate = ClusterTemplate & { readonly usedBy?: readonly string[] }

export function templateOf(tenant: Tenant, project: TenantProject): Resource<FoundTemplate, 'creator'> {
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
      const [templates, clusters] = await Promise.all([listClusterTemplates(session), listClusters(session)])
      return templates
        .filter((one) => one.name === name && one.project_id === projectId)
        .map((one) => ({ ...one, usedBy: namesOfClusters(clusters, one.uuid) }))
    },
    twins: {
      async usersOf({ session }, { uuid }) {
        return namesOfClusters(await listClusters(session), uuid).map((one) => `cluster ${one}`)
      },
      deleteCommand: 'openstack coe cluster template delete',
    },
    // it has no description for our marker, but it is in a project of ours
    compare(found, known) {
      const { fixed_network, fixed_subnet, ...wanted } = fieldsOf(tenant, project, known)
      const changes = differing(wanted, byId(found, known))
      // while network or subnet are missing or cannot be told from a twin, nobody knows what it should be pinned to
      const isUndecided = isPinnedBy(project) && fixed_network === undefined
      const isPinned =
        isUndecided ||
        (refersTo(found.fixed_network, fixed_network, known.get(networkOf(tenant, project))) &&
          refersTo(found.fixed_subnet, fixed_subnet, known.get(subnetOf(tenant, project))))
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
                remedy: remedyOf(found),
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

function namesOfClusters(clusters: readonly ClusterSummary[], template: string): readonly string[] {
  return clusters.filter((one) => one.cluster_template_id === template).map((one) => one.name)
}

/** Both ways on, with what each costs: nothing is deleted to make room. */
function remedyOf({ uuid, usedBy = [] }: FoundTemplate): string {
  const keep =
    'to keep it, put what it has into the tenant file, or image and flavors into cloud.yaml; a template cannot be changed under its clusters'
  const commands = [
    ...usedBy.map((name) => `openstack coe cluster delete ${name}`),
    `openstack coe cluster template delete ${uuid}`,
  ]
  const loss = usedBy.length === 0 ? '' : `, which deletes ${usedBy.join(', ')} with all that runs there`
  return `${keep}; to replace it${loss}: ${commands.join(', then ')}, then apply again`
}

/**
 * The template with the ids in the place of the names that somebody typed for the same things. A flavor that nobody asked for is only
 * for a template to be made: one that exists keeps its own.
 */
function byId(found: ClusterTemplate, { shared }: ResolvedResources): ClusterTemplate {
  const idOf = (value: string | null, { id, name, isDefault = false }: Chosen) =>
    value === name || (isDefault && value !== null) ? id : value
  return {
    ...found,
    image_id: found.image_id === shared.image().name ? shared.image().id : found.image_id,
    external_network_id: idOf(found.external_network_id, shared.externalNetwork()),
    flavor_id: idOf(found.flavor_id, shared.flavor()),
    master_flavor_id: idOf(found.master_flavor_id, shared.masterFlavor()),
  }
}

/** Whether a reference of a template, by id or by name, is to this; without `wanted`, whether it is empty. */
function refersTo(reference: string | null, wanted: string | undefined, named: { readonly name: string } | undefined) {
  return wanted === undefined ? reference === null : reference === wanted || reference === named?.name
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
  const { tenant, known } = context
  const { uuid } = known.need(templateOf(tenant, project))
  const wanted = fieldsOf(tenant, project, known)
  const reading = await claimOnly(context, templateOf(tenant, project))
  const found = reading.about(templateOf(tenant, project))
  const template = reading.value
  // that it is gone is told
  if (template === undefined) return
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
  const image = known.shared.image()
  const isByName = template.image_id === image.name && image.name !== image.id
  found.claim(
    isByName ? `template ${name} names the image by its name` : `template ${name} names its image by UUID`,
    isByName || template.image_id === image.id,
    { image_id: template.image_id },
  )
  found.claim(
    `template ${name} has load balancer and floating IPs as in the tenant file`,
    template.master_lb_enabled === wanted.master_lb_enabled &&
      template.floating_ip_enabled === wanted.floating_ip_enabled,
    { master_lb_enabled: template.master_lb_enabled, floating_ip_enabled: template.floating_ip_enabled },
  )
  const pin = project.spec.template?.pin
  if (pin === 'off' || pin === undefined) return
  const isPinned =
    refersTo(template.fixed_network, wanted.fixed_network, known.get(networkOf(tenant, project))) &&
    refersTo(template.fixed_subnet, wanted.fixed_subnet, known.get(subnetOf(tenant, project)))
  const isFallback = pin === 'preferred' && template.fixed_network === null
  found.claim(
    isFallback
      ? `template ${name} is not pinned: the driver refused it, and the tenant file allows that`
      : `template ${name} is pinned to the project's network`,
    isPinned || isFallback,
    { fixed_network: template.fixed_network, fixed_subnet: template.fixed_subnet },
  )
}
