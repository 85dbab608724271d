/**
 * A tenant of ours for Ansible: a playbook of the collection openstack.cloud 2.6 that finds everything as it is, and no secret. Pure.
 */
import { Document, visit } from 'yaml'
import type { QuotaService } from '../openstack/quotas.ts'
import { accountEntries, commented, headOf, notExpressible } from './entries.ts'
import type { AccountEntry, EntryContext, Written } from './entries.ts'
import type { Grant, ProjectObjects, TenantObjects } from './objects.ts'

type Task = Readonly<Record<string, unknown>>

export function renderAnsible(objects: TenantObjects, context: EntryContext): Written {
  const { domain, users, grants, projects } = objects
  const own = accountEntries(objects, context)
  const left = [...objects.left, ...projects.flatMap((project) => notExpressible(project, 'Ansible'))]
  const tasks = [
    task(`Domain ${domain.name}`, 'identity_domain', {
      name: domain.name,
      description: domain.description,
      is_enabled: domain.enabled,
    }),
    ...[...users.values()].map((user) =>
      task(`Account ${user.name}`, 'identity_user', {
        name: user.name,
        domain: domain.id,
        description: user.description,
        is_enabled: user.enabled,
        update_password: 'on_create',
      }),
    ),
    ...projects.map(({ project }) =>
      task(`Project ${project.name}`, 'project', {
        name: project.name,
        domain: domain.id,
        description: project.description,
        is_enabled: project.enabled,
      }),
    ),
    ...grants.map((grant) => grantTask(objects, grant)),
    ...projects.flatMap((project) => projectTasks(objects, project, own.entries)),
  ]
  const play = {
    name: `Tenant ${domain.name}`,
    hosts: 'localhost',
    connection: 'local',
    gather_facts: false,
    module_defaults: {
      'group/openstack.cloud.openstack': { cloud: context.entry, region_name: context.region },
    },
    tasks,
  }
  const comments = [
    ...headOf(objects, context, { command: 'ansible-playbook', left }),
    '',
    'It makes no application credential, because the module makes a new one in each run: it checks that ours is there.',
    'An account that is gone would be made without a password.',
    '',
    'Entries of clouds.yaml. Their passwords stay in secure.yaml: none is in this file.',
    ...own.yaml,
  ]
  return { text: `${commented(comments)}---\n${documentOf([play])}`, left }
}

function task(name: string, module: string, options: Readonly<Record<string, unknown>>, more: Task = {}): Task {
  return { name, [`openstack.cloud.${module}`]: options, ...more }
}

function grantTask({ domain, users, projects }: TenantObjects, { account, role, project }: Grant): Task {
  const user = users.get(account)
  const on = projects.find(({ name }) => name === project)
  return task(`${role.name} of ${user?.name ?? ''} on ${on?.project.name ?? domain.name}`, 'role_assignment', {
    user: user?.id,
    role: role.id,
    ...(on === undefined ? { domain: domain.id } : { project: on.project.id }),
  })
}

function projectTasks(
  { users }: TenantObjects,
  found: ProjectObjects,
  entries: readonly AccountEntry[],
): readonly Task[] {
  const { project, limits, credential, keypair, network, subnet, router, template } = found
  const by = (account: AccountEntry['account']): string | undefined =>
    entries.find((one) => one.account === account && one.project === found.name)?.name
  const quotas = Object.entries(limits).filter(([service]) => service !== 'container_infra')
  const tasks: Task[] = []
  if (quotas.length > 0)
    tasks.push(
      task(`Quotas of ${project.name}`, 'quota', {
        // a name would be looked for over all domains
        name: project.id,
        ...Object.fromEntries(
          quotas.flatMap(([service, amounts]) =>
            Object.entries(amounts).map(([key, limit]) => [quotaKey(service as QuotaService, key), limit]),
          ),
        ),
      }),
    )
  if (credential !== undefined)
    tasks.push(
      task(
        `Application credentials of ${project.name}`,
        'resources',
        {
          cloud: by('svc'),
          service: 'identity',
          type: 'application_credential',
          parameters: { user: users.get('svc')?.id },
        },
        { register: 'credentials' },
      ),
      {
        name: `Application credential ${credential.name} is there`,
        'ansible.builtin.assert': {
          that: `'${credential.id}' in credentials.resources | map(attribute='id')`,
        },
      },
    )
  if (keypair !== undefined)
    tasks.push(
      task(`Keypair ${keypair.name}`, 'keypair', {
        cloud: by('cluster'),
        name: keypair.name,
        public_key: keypair.public_key,
      }),
    )
  // as the account that has them, so that no other project's network of this name is found
  if (network !== undefined)
    tasks.push(task(`Network ${network.name}`, 'network', { cloud: by('svc'), name: network.name }))
  if (network !== undefined && subnet !== undefined)
    tasks.push(
      task(`Subnet ${subnet.name}`, 'subnet', {
        cloud: by('svc'),
        name: subnet.name,
        network: network.id,
        cidr: subnet.cidr,
        ip_version: subnet.ip_version,
        is_dhcp_enabled: subnet.enable_dhcp,
        dns_nameservers: subnet.dns_nameservers,
      }),
    )
  if (router !== undefined)
    tasks.push(
      task(`Router ${router.name}`, 'router', {
        cloud: by('svc'),
        name: router.name,
        network: router.external_gateway_info?.network_id,
        interfaces: found.port === undefined || subnet === undefined ? undefined : [subnet.name],
      }),
    )
  if (template !== undefined)
    tasks.push(
      task(`Cluster template ${template.name ?? ''}`, 'coe_cluster_template', {
        cloud: by('cluster'),
        name: template.name,
        coe: template.coe,
        image_id: template.image_id,
        external_network_id: template.external_network_id,
        fixed_network: template.fixed_network,
        fixed_subnet: template.fixed_subnet,
        // what Magnum keeps: a name where the template has the id would be refused as a change
        flavor_id: template.flavor_id,
        master_flavor_id: template.master_flavor_id,
        keypair_id: template.keypair_id,
        network_driver: template.network_driver,
        docker_storage_driver: template.docker_storage_driver,
        dns_nameserver: template.dns_nameserver,
        labels: Object.keys(template.labels).length === 0 ? undefined : template.labels,
        is_master_lb_enabled: template.master_lb_enabled,
        is_floating_ip_enabled: template.floating_ip_enabled,
      }),
    )
  return tasks
}

/** As the module calls it. */
function quotaKey(service: QuotaService, key: string): string {
  return service === 'load_balancer' ? `${key}s` : key
}

/** Nothing that is missing, and no text that Ansible would take for a template. */
function documentOf(plays: readonly object[]): string {
  const document = new Document(JSON.parse(JSON.stringify(plays, (_, value: unknown) => value ?? undefined)))
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string' && /\{[{%#]/.test(node.value)) node.tag = '!unsafe'
    },
  })
  return document.toString({ lineWidth: 0 })
}
