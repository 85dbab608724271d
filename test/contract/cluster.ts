/** Magnum: templates, quotas and a cluster up to CREATE_IN_PROGRESS, which is as far as the lab goes. */
import { asDev, makeTenant } from './identity.ts'
import { field, rows } from './side.ts'
import type { Actor, Story } from './side.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmJ4HD0XQp4MAgLuWMhcyoQ1MRaTBTnNKcyFsV0gTVb x'
const LATEST = { headers: { 'OpenStack-API-Version': 'container-infra latest' } }

export const clusterStory: Story = async (teller) => {
  const { admin, run, later } = teller
  const tenant = await makeTenant(teller)
  const { project, dev } = tenant
  const member = await asDev(teller, tenant)
  const asked = (who: Actor) => (label: string, method: string, path: string, body?: unknown) =>
    who(label, 'container-infra', method, path, body, LATEST)
  const m = asked(member)
  const a = asked(admin)
  const quietly = (who: Actor, service: string, method: string, path: string, body?: unknown) =>
    who('', service, method, path, body, { ...LATEST, isSilent: true })

  await m('list clusters', 'GET', '/clusters')
  await member('a version too high', 'container-infra', 'GET', '/clusters', undefined, {
    headers: { 'OpenStack-API-Version': 'container-infra 1.99' },
  })
  await m('get a missing cluster', 'GET', '/clusters/nope')
  await m('get a missing template', 'GET', '/clustertemplates/nope')
  await m('list services', 'GET', '/mservices')
  await m('read statistics', 'GET', `/stats?project_id=${project}`)
  const image = field((await quietly(member, 'image', 'GET', '/v2/images?name=fedora-coreos-k8s')).body, 'images.0.id')
  const template = {
    name: `${run}-t`,
    coe: 'kubernetes',
    image_id: image,
    keypair_id: 'kp',
    external_network_id: 'provider-ext',
    flavor_id: 'm1.medium',
    master_flavor_id: 'm1.medium',
    network_driver: 'calico',
    docker_storage_driver: 'overlay2',
    master_lb_enabled: false,
    labels: { kube_tag: 'v1.23.3' },
  }
  const t = (label: string, change: object) => m(label, 'POST', '/clustertemplates', { ...template, ...change })
  await t('template with an image that is not there', { image_id: 'nope' })
  await t('template without an image', { image_id: undefined })
  await t('template with a flavor that is not there', { flavor_id: 'nope' })
  await t('template with no external network', { external_network_id: 'nope' })
  await t('template with an unknown driver', { network_driver: 'zzz' })
  await t('template for all', { public: true })
  await t('template with an unknown field', { bogus: 1 })
  await t('template for bare metal', { server_type: 'bm' })
  const id = field((await m('create template', 'POST', '/clustertemplates', template)).body, 'uuid')
  later(() => quietly(member, 'container-infra', 'DELETE', `/clustertemplates/${id}`))
  await m('get template', 'GET', `/clustertemplates/${id}`)
  await m('list templates', 'GET', '/clustertemplates')

  await m('list quotas', 'GET', '/quotas')
  await m('read a quota', 'GET', `/quotas/${project}/Cluster`)
  await m('read a quota of another', 'GET', '/quotas/nope/Cluster')
  await m('set a quota', 'POST', '/quotas', { project_id: project, resource: 'Cluster', hard_limit: 1 })
  await a('admin sets a quota', 'POST', '/quotas', { project_id: project, resource: 'Cluster', hard_limit: 0 })
  await a('admin sets it again', 'POST', '/quotas', { project_id: project, resource: 'Cluster', hard_limit: 1 })
  await a('admin sets a quota of no project', 'POST', '/quotas', {
    project_id: 'nope',
    resource: 'Cluster',
    hard_limit: 1,
  })

  const cluster = { name: `${run}-c`, cluster_template_id: id, keypair: 'kp', master_count: 1, node_count: 1 }
  const c = (label: string, change: object) => m(label, 'POST', '/clusters', { ...cluster, ...change })
  await c('cluster beyond the quota', {})
  await a('admin changes the quota', 'PATCH', `/quotas/${project}/Cluster`, {
    project_id: project,
    resource: 'Cluster',
    hard_limit: 1,
  })
  await c('cluster with a key that is not there', {})
  await quietly(member, 'compute', 'POST', '/os-keypairs', { keypair: { name: 'kp', public_key: KEY } })
  later(() => quietly(member, 'compute', 'DELETE', '/os-keypairs/kp'))
  await c('cluster of no template', { cluster_template_id: 'nope' })
  await c('cluster with fewer than no nodes', { node_count: -1 })
  await c('cluster with no master', { master_count: 0 })
  await c('cluster with two masters and no balancer', { master_count: 2 })
  await c('cluster with a bad name', { name: '1x y' })
  await c('cluster with an unknown field', { bogus: 1 })
  const uuid = field((await c('create cluster', {})).body, 'uuid')
  await waitFor(
    () => quietly(member, 'container-infra', 'GET', `/clusters/${uuid}`),
    (body) => field(body, 'stack_id') !== '',
  )
  await m('get cluster', 'GET', `/clusters/${uuid}`)
  await m('list clusters once it is there', 'GET', '/clusters')
  await m('list node groups', 'GET', `/clusters/${uuid}/nodegroups`)
  await m('get its certificate', 'GET', `/certificates/${uuid}`)
  await a('admin gets its certificate', 'GET', `/certificates/${uuid}`)
  await m('sign nonsense', 'POST', '/certificates', { cluster_uuid: uuid, csr: 'junk' })
  await m('delete a template in use', 'DELETE', `/clustertemplates/${id}`)
  const trusts = await quietly(admin, 'identity', 'GET', `/OS-TRUST/trusts?trustor_user_id=${dev}`)
  const ofMagnum = rows(trusts.body, 'trusts').find(
    (trust) => typeof trust === 'object' && trust !== null && 'delegation_depth' in trust,
  )
  await admin('see its trust', 'identity', 'GET', `/OS-TRUST/trusts/${field(ofMagnum, 'id')}`)
  await admin('see its trustee', 'identity', 'GET', `/users/${field(ofMagnum, 'trustee_user_id')}`)
  await m('delete cluster', 'DELETE', `/clusters/${uuid}`)
  await waitFor(
    () => quietly(member, 'container-infra', 'GET', `/clusters/${uuid}`),
    (_, status) => status === 404,
  )
  await m('get what is gone', 'GET', `/clusters/${uuid}`)
  await admin('its trust is gone', 'identity', 'GET', `/OS-TRUST/trusts/${field(ofMagnum, 'id')}`)
  await a('admin resets the quota', 'DELETE', `/quotas/${project}/Cluster`)
  await a('admin resets it again', 'DELETE', `/quotas/${project}/Cluster`)
}

async function waitFor(
  ask: () => Promise<{ readonly status: number; readonly body: unknown }>,
  isDone: (body: unknown, status: number) => boolean,
): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    const { body, status } = await ask()
    if (isDone(body, status)) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
