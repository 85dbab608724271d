import { listImages } from '../../openstack/glance.ts'
import { getClusterCa } from '../../openstack/magnum/certificates.ts'
import {
  createClusterTemplate,
  deleteClusterTemplate,
  getClusterTemplate,
  listClusterTemplates,
} from '../../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate, ClusterTemplateFields } from '../../openstack/magnum/cluster-templates.ts'
import { getCluster, listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { listNetworks } from '../../openstack/neutron/networks.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Party } from '../../probes/checks.ts'
import { hasService } from '../../openstack/has-service.ts'

export async function probeClusters(family: Family, fixture: VerificationFixture): Promise<void> {
  if (!(await hasService(fixture.own.account.session, 'container-infra'))) return
  await Promise.all([probeTemplates(family, fixture), probeReal(family, fixture)])
}

async function probeTemplates(family: Family, fixture: VerificationFixture): Promise<void> {
  const { own, foreign, operator, throwaways } = fixture
  const fields = await templateFields(fixture)
  // without an image for it no tenant can have a template either
  if (fields === undefined) return
  const name = throwaways.name('template')
  const find = async (wanted: string): Promise<ClusterTemplate | undefined> =>
    (await listClusterTemplates(operator)).find((one) => one.name === wanted)
  const template = await throwaways.make({
    kind: 'cluster template',
    name,
    create: () => createClusterTemplate(foreign.account.session, { ...fields, name }),
    find: () => find(name),
    remove: ({ uuid }) => deleteClusterTemplate(operator, uuid),
  })
  const offered = throwaways.name('public-template')
  const common = { as: own.account, whom: "a neighbour's throwaway template", expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: 'read-template',
      claim: 'an account cannot read a cluster template of a neighbour',
      rule: 'clustertemplate:get',
      ask: (session) => getClusterTemplate(session, template.uuid),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-templates',
      claim: 'an account sees no cluster template of a neighbour',
      rule: 'clustertemplate:get_all',
      ask: (session) => listClusterTemplates(session),
      shows: (list) => list.some(({ uuid }) => uuid === template.uuid),
      describe: (list) => `${list.length} listed`,
    }),
    family.check<ClusterTemplate>({
      ...common,
      whom: 'the whole cloud',
      code: 'isolation/sharing',
      id: 'publish-template',
      claim: 'an account cannot publish a cluster template to the whole cloud',
      rule: 'clustertemplate:publish',
      ask: (session) =>
        throwaways.make({
          kind: 'cluster template',
          name: offered,
          create: () => createClusterTemplate(session, { ...fields, name: offered, ...{ public: true } }),
          find: () => find(offered),
          remove: ({ uuid }) => deleteClusterTemplate(operator, uuid),
        }),
      effect: async () => (await find(offered))?.public === true,
    }),
  ])
  await family.check({
    ...common,
    id: 'delete-template',
    claim: 'an account cannot delete a cluster template of a neighbour',
    rule: 'clustertemplate:delete',
    ask: (session) => deleteClusterTemplate(session, template.uuid),
    effect: () => isGone(getClusterTemplate(operator, template.uuid)),
  })
}

async function templateFields({
  operator,
}: VerificationFixture): Promise<Omit<ClusterTemplateFields, 'name'> | undefined> {
  const [images, networks] = await Promise.all([
    listImages(operator, { visibility: 'public', status: 'active' }),
    listNetworks(operator, { 'router:external': true }),
  ])
  const image = images.find(({ os_distro, kube_version }) => os_distro !== undefined && kube_version !== undefined)
  const [external] = networks
  if (image === undefined || external === undefined) return undefined
  return { coe: 'kubernetes', image_id: image.id, external_network_id: external.id, server_type: 'vm' }
}

/** Existing clusters of any project: only read. */
async function probeReal(family: Family, { own, workers, operator, options }: VerificationFixture): Promise<void> {
  const clusters = await listClustersInDetail(operator)
  await Promise.all(
    [own.account, ...workers].map(async (as, index) => {
      const who = index === 0 ? 'account' : as.actor
      await probeList(family, as, who)
      const { projectId } = await as.session.token()
      const foreign = clusters.find(
        (cluster) => cluster.project_id !== projectId && !cluster.name.startsWith(options.tenant.name),
      )
      if (foreign !== undefined) await probeCluster(family, as, who, foreign)
    }),
  )
}

async function probeList(family: Family, as: Party, who: string): Promise<void> {
  await family.check({
    id: `list-by-${who}`,
    claim: `${as.who} sees no cluster of other projects`,
    as,
    whom: 'the clusters of all projects',
    rule: 'cluster:get_all',
    expected: 'empty',
    ask: async (session) => ({ all: await listClustersInDetail(session), own: (await session.token()).projectId }),
    shows: ({ all, own }) => all.some(({ project_id }) => project_id !== own),
    describe: ({ all }) => `${all.length} listed`,
  })
}

async function probeCluster(family: Family, as: Party, who: string, cluster: Cluster): Promise<void> {
  const common = { as, whom: `cluster ${cluster.name} of another project`, expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: `read-by-${who}`,
      claim: `${as.who} cannot read a cluster of another project`,
      rule: 'cluster:get',
      ask: (session) => getCluster(session, cluster.uuid),
    }),
    family.check({
      ...common,
      id: `certificate-by-${who}`,
      claim: `${as.who} cannot read the certificate of a cluster of another project`,
      rule: 'certificate:get',
      ask: (session) => getClusterCa(session, cluster.uuid),
    }),
  ])
}
