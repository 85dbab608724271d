/** The calls that the runbook types, stage by stage, until one of them is refused. */
import { asAdmin, asUser, at, byApplicationCredential, PUBLIC_KEY, roleIds, signInWith, text } from './client.ts'
import type { Ask, Reply } from './client.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'

export type Outcome = {
  /** The runbook's number of the step that did not work, or `done`. */
  readonly stoppedAt: string
  /** What the cloud said there, or the cluster's last status. */
  readonly message: string
}

class Stopped extends Error {
  readonly step: string

  constructor(step: string, message: string) {
    super(message)
    this.step = step
  }
}

export async function runRunbook(
  cloud: Cloud,
  creatorSignsInBy: 'application-credential' | 'password',
): Promise<Outcome> {
  try {
    const message = await walk(cloud, creatorSignsInBy)
    return { stoppedAt: 'done', message }
  } catch (error) {
    if (error instanceof Stopped) return { stoppedAt: error.step, message: error.message }
    throw error
  }
}

function step(name: string, reply: Reply): unknown {
  if (reply.status < 400) return reply.body
  throw new Stopped(name, JSON.stringify(reply.body))
}

async function walk(cloud: Cloud, creatorSignsInBy: 'application-credential' | 'password'): Promise<string> {
  const admin = await asAdmin(cloud)
  const role = await roleIds(admin)
  const image = text(step('0', await admin('GET', 'image/v2/images?visibility=public')), 'images.0.id')
  const external = text(step('0', await admin('GET', 'networking/v2.0/networks?name=provider-ext')), 'networks.0.id')

  const domainBody = { domain: { name: 'acme', description: 'Client: acme' } }
  const domain = text(step('1', await admin('POST', 'identity/v3/domains', domainBody)), 'domain.id')
  const managerBody = { user: { name: 'acme-domain-admin', domain_id: domain, password: 'pw' } }
  const manager = text(step('1', await admin('POST', 'identity/v3/users', managerBody)), 'user.id')
  step('1', await admin('PUT', `identity/v3/domains/${domain}/users/${manager}/roles/${role('manager')}`))

  const boss = await asUser(cloud, 'acme', 'acme-domain-admin')
  const projectBody = { project: { name: 'acme-prod', domain_id: domain } }
  const project = text(step('2.1', await boss('POST', 'identity/v3/projects', projectBody)), 'project.id')
  const userBody = { user: { name: 'acme-svc', domain_id: domain, password: 'pw' } }
  const user = text(step('2.2', await boss('POST', 'identity/v3/users', userBody)), 'user.id')
  for (const name of ['member', 'load-balancer_member']) {
    step('2.3', await boss('PUT', `identity/v3/projects/${project}/users/${user}/roles/${role(name)}`))
  }

  const service = await asUser(cloud, 'acme', 'acme-svc', 'acme-prod')
  const wanted = { application_credential: { name: 'acme-svc-appcred', unrestricted: true } }
  const path = `identity/v3/users/${user}/application_credentials`
  const minted = step('3.2', await service('POST', path, wanted))
  const keypair = { keypair: { name: 'acme-key', public_key: PUBLIC_KEY } }
  step('3.3', await service('POST', 'compute/v2.1/os-keypairs', keypair))

  const { id, secret } = {
    id: text(minted, 'application_credential.id'),
    secret: text(minted, 'application_credential.secret'),
  }
  const automation = await signInWith(cloud, byApplicationCredential(id, secret))
  await buildNetwork(automation, external)
  const creator = creatorSignsInBy === 'password' ? service : automation
  return createCluster(creator, image, external)
}

async function buildNetwork(ask: Ask, external: string): Promise<void> {
  const net = text(
    step('4', await ask('POST', 'networking/v2.0/networks', { network: { name: 'acme-net' } })),
    'network.id',
  )
  const subnetBody = { subnet: { name: 'acme-subnet', network_id: net, ip_version: 4, cidr: '10.20.24.0/24' } }
  const subnet = text(step('4', await ask('POST', 'networking/v2.0/subnets', subnetBody)), 'subnet.id')
  const router = text(
    step('4', await ask('POST', 'networking/v2.0/routers', { router: { name: 'acme-router' } })),
    'router.id',
  )
  const gateway = { router: { external_gateway_info: { network_id: external } } }
  step('4', await ask('PUT', `networking/v2.0/routers/${router}`, gateway))
  step('4', await ask('PUT', `networking/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet }))
}

async function createCluster(ask: Ask, image: string, external: string): Promise<string> {
  const template = {
    name: 'acme-k8s',
    coe: 'kubernetes',
    image_id: image,
    external_network_id: external,
    flavor_id: 'capi.node',
    master_flavor_id: 'gp.mid',
    network_driver: 'calico',
    docker_storage_driver: 'overlay2',
    fixed_network: 'acme-net',
    fixed_subnet: 'acme-subnet',
    master_lb_enabled: true,
    floating_ip_enabled: true,
    keypair_id: 'acme-key',
  }
  const made = step('5', await ask('POST', 'container-infra/v1/clustertemplates', template))
  const cluster = { name: 'acme-cluster', cluster_template_id: text(made, 'uuid'), keypair: 'acme-key' }
  const uuid = text(step('6', await ask('POST', 'container-infra/v1/clusters', cluster)), 'uuid')
  const { body } = await ask('GET', `container-infra/v1/clusters/${uuid}`)
  const status = text(body, 'status')
  if (status === 'CREATE_COMPLETE') return status
  throw new Stopped('6', `${status}: ${String(at(body, 'status_reason'))}`)
}
