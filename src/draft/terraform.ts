/**
 * A tenant of ours for Terraform: import blocks and resources, and no secret. Arguments are those that provider openstack 3.4.0
 * compares, so that a plan after the import has nothing to do. Pure.
 */
import type { ClusterTemplate } from '../openstack/magnum/cluster-templates.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import { oneLine } from '../visible.ts'
import { accountEntries, commented, headOf, notExpressible } from './entries.ts'
import type { EntryContext, Written } from './entries.ts'
import { Expression, hclBlock } from './hcl.ts'
import type { HclBody } from './hcl.ts'
import type { Grant, ProjectObjects, TenantObjects } from './objects.ts'

export function renderTerraform(objects: TenantObjects, context: EntryContext): Written {
  const { domain, users, grants, projects } = objects
  const domainId = address('identity_project_v3', domainLabel, 'id')
  const blocks = [
    resource('identity_project_v3', domainLabel, domain.id, {
      name: domain.name,
      description: given(domain.description),
      is_domain: true,
      enabled: unless(true, domain.enabled),
    }),
    ...[...users].map(([account, user]) =>
      resource(
        'identity_user_v3',
        account,
        user.id,
        {
          name: user.name,
          description: given(user.description),
          domain_id: domainId,
          default_project_id: given(user.default_project_id),
          enabled: unless(true, user.enabled),
          extra: user.email === undefined ? undefined : { email: user.email },
        },
        { comment: 'no password: none can be read, and one that is written here is set' },
      ),
    ),
    ...projects.map(({ name, project }) =>
      resource('identity_project_v3', name, project.id, {
        name: project.name,
        description: given(project.description),
        domain_id: domainId,
        enabled: unless(true, project.enabled),
        tags: given(project.tags),
      }),
    ),
    ...grants.map((grant) => grantBlock(objects, grant)),
    ...projects.flatMap((project) => projectBlocks(project, context)),
  ]
  const left = [...objects.left, ...projects.flatMap((project) => notExpressible(project, 'Terraform'))]
  const text = [head(objects, context, left), setup, providers(objects, context), ...blocks].join('\n')
  return { text, left }
}

/** No label of a project has a low line. */
const domainLabel = 'tenant_domain'

function address(type: string, label: string, attribute: string): Expression {
  return new Expression(`openstack_${type}.${label}.${attribute}`)
}

type Extra = { readonly provider?: string; readonly comment?: string }

/** An account's own objects are read as that account, by a provider of its own, also for the import. */
function resource(type: string, label: string, id: string, body: HclBody, { provider, comment }: Extra = {}): string {
  const by = provider === undefined ? undefined : new Expression(`openstack.${provider}`)
  const to = new Expression(`openstack_${type}.${label}`)
  return `${hclBlock(['import'], { provider: by, to, id })}${hclBlock(['resource', `openstack_${type}`, label], { provider: by, ...body }, comment)}`
}

/** Empty is what the provider reads for an argument that is not there. */
function given<T extends string | readonly string[]>(value: T | null | undefined): T | undefined {
  return value === null || value === undefined || value.length === 0 ? undefined : value
}

function unless<T>(usual: T, value: T): T | undefined {
  return value === usual ? undefined : value
}

/** The id of a grant: DOMAIN/PROJECT/GROUP/USER/ROLE, with empty parts. */
function grantBlock({ domain, users, projects }: TenantObjects, { account, role, project }: Grant): string {
  const on = projects.find(({ name }) => name === project)
  const scope = on === undefined ? `${domain.id}/` : `/${on.project.id}`
  const label = `${account}_${project ?? domainLabel}_${role.name.replaceAll(/[^A-Za-z0-9-]/g, '_')}`
  return resource(
    'identity_role_assignment_v3',
    label,
    `${scope}//${users.get(account)?.id ?? ''}/${role.id}`,
    {
      ...(on === undefined
        ? { domain_id: address('identity_project_v3', domainLabel, 'id') }
        : { project_id: address('identity_project_v3', on.name, 'id') }),
      user_id: address('identity_user_v3', account, 'id'),
      role_id: role.id,
    },
    { comment: oneLine(role.name) },
  )
}

function projectBlocks(found: ProjectObjects, { region }: EntryContext): readonly string[] {
  const { name, project, limits, credential, keypair, network, subnet, router, port, template } = found
  const tenant_id = address('identity_project_v3', name, 'id')
  const asAutomation = { provider: `svc_${name}` }
  const asCreator = { provider: `cluster_${name}` }
  const quotas = (Object.keys(quotaResources) as QuotaService[]).flatMap((service) => {
    const amounts = limits[service]
    const type = quotaResources[service]
    if (amounts === undefined || type === undefined) return []
    return [resource(type, name, `${project.id}/${region}`, { project_id: tenant_id, ...quotaBody(service, amounts) })]
  })
  return [
    ...quotas,
    ...(credential === undefined
      ? []
      : [
          resource(
            'identity_application_credential_v3',
            name,
            credential.id,
            {
              name: credential.name,
              description: given(credential.description),
              unrestricted: credential.unrestricted,
              roles: credential.roles.map((role) => role.name).sort(),
              expires_at: credential.expires_at && `${credential.expires_at.slice(0, 19)}Z`,
            },
            { ...asAutomation, comment: 'a change of any argument makes a new one, and the secret in use ends' },
          ),
        ]),
    ...(keypair === undefined
      ? []
      : [resource('compute_keypair_v2', name, keypair.name, { name: keypair.name }, asCreator)]),
    ...(network === undefined
      ? []
      : [
          resource('networking_network_v2', name, network.id, {
            name: network.name,
            description: given(network.description),
            tenant_id,
            tags: given(network.tags),
          }),
        ]),
    ...(network === undefined || subnet === undefined
      ? []
      : [
          resource('networking_subnet_v2', name, subnet.id, {
            name: subnet.name,
            description: given(subnet.description),
            tenant_id,
            network_id: address('networking_network_v2', name, 'id'),
            cidr: subnet.cidr,
            ip_version: unless(4, subnet.ip_version),
            no_gateway: subnet.gateway_ip === null ? true : undefined,
            enable_dhcp: unless(true, subnet.enable_dhcp),
            dns_nameservers: given(subnet.dns_nameservers),
          }),
        ]),
    ...(router === undefined
      ? []
      : [
          resource('networking_router_v2', name, router.id, {
            name: router.name,
            description: given(router.description),
            tenant_id,
            external_network_id: router.external_gateway_info?.network_id,
          }),
        ]),
    ...(router === undefined || subnet === undefined || port === undefined
      ? []
      : [
          resource('networking_router_interface_v2', name, port.id, {
            router_id: address('networking_router_v2', name, 'id'),
            subnet_id: address('networking_subnet_v2', name, 'id'),
          }),
        ]),
    ...(template === undefined
      ? []
      : [resource('containerinfra_clustertemplate_v1', name, template.uuid, templateBody(found, template), asCreator)]),
  ]
}

/** Magnum's quota has no resource. */
const quotaResources: Readonly<Partial<Record<QuotaService, string>>> = {
  compute: 'compute_quotaset_v2',
  network: 'networking_quota_v2',
  block_storage: 'blockstorage_quotaset_v3',
  load_balancer: 'lb_quota_v2',
}

function quotaBody(service: QuotaService, limits: Limits): HclBody {
  const named = Object.entries(limits).map(([key, limit]) => [key === 'load_balancer' ? 'loadbalancer' : key, limit])
  return service === 'load_balancer' ? (Object.fromEntries(named) as HclBody) : limits
}

function templateBody({ name, network, subnet, keypair }: ProjectObjects, template: ClusterTemplate): HclBody {
  return {
    name: template.name ?? '',
    coe: template.coe,
    image: template.image_id,
    external_network_id: given(template.external_network_id),
    fixed_network:
      network !== undefined && template.fixed_network === network.id
        ? address('networking_network_v2', name, 'id')
        : given(template.fixed_network),
    fixed_subnet:
      subnet !== undefined && template.fixed_subnet === subnet.id
        ? address('networking_subnet_v2', name, 'id')
        : given(template.fixed_subnet),
    flavor: given(template.flavor_id),
    master_flavor: given(template.master_flavor_id),
    keypair_id:
      keypair !== undefined && template.keypair_id === keypair.name
        ? address('compute_keypair_v2', name, 'name')
        : given(template.keypair_id),
    network_driver: given(template.network_driver),
    docker_storage_driver: given(template.docker_storage_driver),
    dns_nameserver: given(template.dns_nameserver),
    labels: Object.keys(template.labels).length === 0 ? undefined : template.labels,
    master_lb_enabled: template.master_lb_enabled,
    floating_ip_enabled: template.floating_ip_enabled,
    public: unless(false, template.public),
  }
}

function head(objects: TenantObjects, context: EntryContext, left: readonly string[]): string {
  const lines = [
    ...headOf(objects, context, { command: 'terraform apply', left }),
    '',
    'First `terraform plan`: it imports, and adds, changes and destroys nothing. Then `terraform apply`, once.',
    'After that `terraform plan` says `No changes`, and the import blocks can go.',
  ]
  return commented(lines)
}

const setup = `terraform {
  required_version = ">= 1.5" # import blocks
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "~> 3.4"
    }
  }
}
`

function providers(objects: TenantObjects, context: EntryContext): string {
  const { entry, region } = context
  const own = accountEntries(objects, context)
  const comments = [
    'Entries of clouds.yaml. Their passwords stay in secure.yaml: none is in this file, and none comes into the state.',
    ...own.yaml,
  ]
  const blocks = [
    hclBlock(['provider', 'openstack'], { cloud: entry, region }, entry === undefined ? 'the OS_* variables' : ''),
    ...own.entries.map(({ account, project, name }) =>
      hclBlock(['provider', 'openstack'], { alias: `${account}_${project}`, cloud: name, region }),
    ),
  ]
  return `${commented(comments)}${blocks.join('')}`
}
