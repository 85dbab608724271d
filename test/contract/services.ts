/** Nova, Glance, Cinder, Octavia and Barbican: quotas, keypairs and what preflight reads. */
import { asDev, makeTenant } from './identity.ts'
import { field } from './side.ts'
import type { Actor, Story } from './side.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmJ4HD0XQp4MAgLuWMhcyoQ1MRaTBTnNKcyFsV0gTVb x'

function at(version: string): { readonly headers: Record<string, string> } {
  return { headers: { 'OpenStack-API-Version': version } }
}

async function members(
  teller: Parameters<Story>[0],
): Promise<{ readonly member: Actor; readonly project: string; readonly dev: string }> {
  const tenant = await makeTenant(teller)
  return { member: await asDev(teller, tenant), project: tenant.project, dev: tenant.dev }
}

export const computeStory: Story = async (teller) => {
  const { admin, later } = teller
  const { member, project, dev } = await members(teller)
  const n = (label: string, method: string, path: string, body?: unknown, version?: string) =>
    member(label, 'compute', method, path, body, version === undefined ? {} : at(version))
  const a = (label: string, method: string, path: string, body?: unknown, version?: string) =>
    admin(label, 'compute', method, path, body, version === undefined ? {} : at(version))
  later(() => admin('', 'compute', 'DELETE', `/os-quota-sets/${project}`, undefined, { isSilent: true }))
  await n('list flavors', 'GET', '/flavors')
  await n('list flavors in detail', 'GET', '/flavors/detail')
  await n('list flavors in detail at 2.93', 'GET', '/flavors/detail', undefined, 'compute 2.93')
  await n('a version too high', 'GET', '/flavors', undefined, 'compute 2.199')
  await n('a version of no form', 'GET', '/flavors', undefined, 'compute banana')
  await n('get a flavor', 'GET', '/flavors/3')
  await n('get a missing flavor', 'GET', '/flavors/m1.medium')
  await n('list a page', 'GET', '/flavors?limit=1')
  await n('filter badly', 'GET', '/flavors/detail?minDisk=x')
  await n('generate a keypair', 'POST', '/os-keypairs', { keypair: { name: 'k1' } })
  await n('generate it again', 'POST', '/os-keypairs', { keypair: { name: 'k1' } })
  await n('generate at 2.92', 'POST', '/os-keypairs', { keypair: { name: 'k2' } }, 'compute 2.92')
  await n(
    'import a keypair',
    'POST',
    '/os-keypairs',
    { keypair: { name: 'k2', public_key: KEY, type: 'ssh' } },
    'compute 2.92',
  )
  await n('import no key', 'POST', '/os-keypairs', { keypair: { name: 'k3', public_key: 'nope' } })
  await n('list keypairs', 'GET', '/os-keypairs')
  await n('list keypairs at 2.92', 'GET', '/os-keypairs', undefined, 'compute 2.92')
  await n('get a keypair', 'GET', '/os-keypairs/k2')
  await n('get a missing keypair', 'GET', '/os-keypairs/nope')
  await a('admin lists keypairs of a user', 'GET', `/os-keypairs?user_id=${dev}`, undefined, 'compute 2.10')
  await n('list keypairs of another', 'GET', '/os-keypairs?user_id=nobody', undefined, 'compute 2.10')
  await n('delete a keypair', 'DELETE', '/os-keypairs/k1')
  await n('delete a keypair at 2.2', 'DELETE', '/os-keypairs/k2', undefined, 'compute 2.2')
  await n('read quotas', 'GET', `/os-quota-sets/${project}`)
  await n('read quotas of another', 'GET', '/os-quota-sets/0438088b58b44210bac866212a41b747')
  await n('set quotas', 'PUT', `/os-quota-sets/${project}`, { quota_set: { cores: 4 } })
  await a(
    'admin sets quotas',
    'PUT',
    `/os-quota-sets/${project}`,
    { quota_set: { cores: 4, instances: 2 } },
    'compute 2.93',
  )
  await a('admin sets an unknown quota', 'PUT', `/os-quota-sets/${project}`, { quota_set: { nope: 4 } })
  await a('admin sets a quota too low', 'PUT', `/os-quota-sets/${project}`, { quota_set: { cores: -3 } })
  await a('admin sets quotas of no project', 'PUT', '/os-quota-sets/nope', { quota_set: { cores: 4 } })
  await a('admin reads quotas in detail', 'GET', `/os-quota-sets/${project}/detail`, undefined, 'compute 2.93')
  await a('admin resets quotas', 'DELETE', `/os-quota-sets/${project}`)
  await n('list servers', 'GET', '/servers')
  await n('list servers of all', 'GET', '/servers/detail?all_tenants=1')
  await n('get a missing server', 'GET', '/servers/nope')
  await n('read limits', 'GET', '/limits')
  await n('list services', 'GET', '/os-services')
  await n(
    'read the use of a time',
    'GET',
    `/os-simple-tenant-usage/${project}?start=2026-01-01T00:00:00&end=2026-01-02T00:00:00`,
  )
  await n(
    'read the use of a time that ends before',
    'GET',
    `/os-simple-tenant-usage/${project}?start=2026-01-02T00:00:00&end=2026-01-01T00:00:00`,
  )
  await n('read the use of another project', 'GET', '/os-simple-tenant-usage/0438088b58b44210bac866212a41b747')
  await n('list the use of all', 'GET', '/os-simple-tenant-usage')
  await a('admin lists the use of all', 'GET', '/os-simple-tenant-usage?detailed=1')
  await n('list hypervisors in detail', 'GET', '/os-hypervisors/detail')
  await a('admin lists hypervisors in detail', 'GET', '/os-hypervisors/detail')
  await n('read statistics of hypervisors', 'GET', '/os-hypervisors/statistics')
  await a('admin reads statistics of hypervisors', 'GET', '/os-hypervisors/statistics')
  await a(
    'admin reads statistics of hypervisors at 2.88',
    'GET',
    '/os-hypervisors/statistics',
    undefined,
    'compute 2.88',
  )
}

export const imageStory: Story = async (teller) => {
  const { admin, run } = teller
  const { member } = await members(teller)
  const g = (label: string, method: string, path: string, body?: unknown) =>
    member(label, 'image', method, `/v2${path}`, body)
  const image = field((await g('list public images', 'GET', '/images?visibility=public')).body, 'images.0.id')
  await g('get an image', 'GET', `/images/${image}`)
  await g('get a missing image', 'GET', '/images/nope')
  await g('list namespaces of metadata', 'GET', '/metadefs/namespaces?resource_types=OS::Glance::Image&limit=21')
  await member('get a missing image as HTML', 'image', 'GET', '/v2/images/nope', undefined, {
    headers: { Accept: '*/*' },
  })
  await g('list nothing', 'GET', '/images?os_distro=none-such')
  await g('page behind a missing image', 'GET', '/images?marker=nope')
  await g('list members of a public image', 'GET', `/images/${image}/members`)
  const body = { name: `${run}-i`, disk_format: 'raw', container_format: 'bare', kube_version: 'v1' }
  const own = field((await g('create an image', 'POST', '/images', body)).body, 'id')
  await g('create a public image', 'POST', '/images', { ...body, visibility: 'public' })
  await g('list own images', 'GET', `/images?name=${run}-i`)
  await g('delete an image of another', 'DELETE', `/images/${image}`)
  const made = await admin('', 'image', 'POST', '/v2/images', { ...body, name: `${run}-a` }, { isSilent: true })
  const hidden = field(made.body, 'id')
  await g('get an image of another', 'GET', `/images/${hidden}`)
  const patch = [{ op: 'add', path: '/os_distro', value: 'ubuntu' }]
  const headers = { 'Content-Type': 'application/openstack-images-v2.1-json-patch' }
  await admin('admin adds a property', 'image', 'PATCH', `/v2/images/${hidden}`, patch, { headers })
  await admin('admin deletes an image', 'image', 'DELETE', `/v2/images/${hidden}`)
  await admin('admin deletes it again', 'image', 'DELETE', `/v2/images/${hidden}`)
  await g('delete an image', 'DELETE', `/images/${own}`)
}

export const volumeStory: Story = async (teller) => {
  const { admin, later } = teller
  const { member, project } = await members(teller)
  const quota = `/os-quota-sets/${project}`
  const c = (label: string, method: string, path: string, body?: unknown) =>
    member(label, 'block-storage', method, path, body)
  const a = (label: string, method: string, path: string, body?: unknown) =>
    admin(label, 'block-storage', method, path, body)
  later(() => admin('', 'block-storage', 'DELETE', quota, undefined, { isSilent: true }))
  await c('list volumes', 'GET', '/volumes/detail')
  await c('get a missing volume', 'GET', '/volumes/nope')
  await c('list types', 'GET', '/types')
  await a('admin lists types', 'GET', '/types')
  await c('get the default type', 'GET', '/types/default')
  await c('get a missing type', 'GET', '/types/nope')
  await c('read quotas', 'GET', quota)
  await c('read usage', 'GET', `${quota}?usage=True`)
  await c('set quotas', 'PUT', quota, { quota_set: { volumes: 1 } })
  await a('admin sets quotas', 'PUT', quota, { quota_set: { volumes: 1, gigabytes: 10 } })
  await a('admin sets an unknown quota', 'PUT', quota, { quota_set: { nope: 1 } })
  await a('admin sets a quota too low', 'PUT', quota, { quota_set: { volumes: -5 } })
  await a('admin reads defaults', 'GET', `${quota}/defaults`)
  await a('admin resets quotas', 'DELETE', quota)
  await c('read limits', 'GET', '/limits')
  await c('list snapshots', 'GET', '/snapshots')
  await c('list volume transfers', 'GET', '/os-volume-transfer/detail')
  await c('list services', 'GET', '/os-services')
}

export const loadBalancerStory: Story = async (teller) => {
  const { admin, later } = teller
  const { member, project } = await members(teller)
  const quota = `/v2/lbaas/quotas/${project}`
  const o = (label: string, method: string, path: string, body?: unknown) =>
    member(label, 'load-balancer', method, path, body)
  const a = (label: string, method: string, path: string, body?: unknown) =>
    admin(label, 'load-balancer', method, path, body)
  later(() => admin('', 'load-balancer', 'DELETE', quota, undefined, { isSilent: true }))
  await o('list load balancers', 'GET', '/v2/lbaas/loadbalancers')
  await o('get a missing load balancer', 'GET', '/v2/lbaas/loadbalancers/nope')
  await o('create one nowhere', 'POST', '/v2/lbaas/loadbalancers', {
    loadbalancer: { name: 'x', vip_subnet_id: '193a8915-0000-4000-8000-000000000000' },
  })
  await o('read quotas', 'GET', quota)
  await o('read quotas of another', 'GET', '/v2/lbaas/quotas/0438088b58b44210bac866212a41b747')
  await o('read defaults', 'GET', '/v2/lbaas/quotas/defaults')
  await o('set quotas', 'PUT', quota, { quota: { load_balancer: 0 } })
  await a('admin sets quotas', 'PUT', quota, { quota: { loadbalancer: 3, healthmonitor: 7, listener: 4 } })
  await a('admin sets an unknown quota', 'PUT', quota, { quota: { nope: 0 } })
  await a('admin lists quotas', 'GET', '/v2/lbaas/quotas')
  await a('admin resets quotas', 'DELETE', quota)
  await a('admin resets quotas again', 'DELETE', quota)
  await o('list amphorae', 'GET', '/v2/octavia/amphorae')
}

export const secretStory: Story = async (teller) => {
  const { admin, run } = teller
  const { member } = await members(teller)
  const b = (label: string, method: string, path: string, body?: unknown) =>
    admin(label, 'key-manager', method, `/v1${path}`, body)
  const secret = { name: `${run}-x`, payload: 'x', payload_content_type: 'text/plain' }
  await member('list secrets without a role', 'key-manager', 'GET', '/v1/secrets')
  await member('store a secret without a role', 'key-manager', 'POST', '/v1/secrets', secret)
  const ref = field((await b('store a secret', 'POST', '/secrets', secret)).body, 'secret_ref')
  const id = ref.split('/').at(-1) ?? ''
  await b('store half a secret', 'POST', '/secrets', { payload: 'x' })
  await b('get a secret', 'GET', `/secrets/${id}`)
  await member('get a secret of another', 'key-manager', 'GET', `/v1/secrets/${id}`)
  await member('get a payload of another', 'key-manager', 'GET', `/v1/secrets/${id}/payload`, undefined, {
    headers: { Accept: 'text/plain' },
  })
  await b('get no secret', 'GET', '/secrets/nope')
  await b('find a secret', 'GET', `/secrets?name=${run}-x`)
  const container = { name: `${run}-c`, type: 'certificate', secret_refs: [{ name: 'certificate', secret_ref: ref }] }
  const made =
    field((await b('create a container', 'POST', '/containers', container)).body, 'container_ref')
      .split('/')
      .at(-1) ?? ''
  await b('get a container', 'GET', `/containers/${made}`)
  await b('delete a container', 'DELETE', `/containers/${made}`)
  await b('delete a secret', 'DELETE', `/secrets/${id}`)
  await b('delete it again', 'DELETE', `/secrets/${id}`)
}
