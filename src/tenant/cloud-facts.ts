import { z } from 'zod'
import { isSameRole } from '../openstack/keystone/role-names.ts'
import { accountRoles, managerRole } from './actors.ts'
import { cidrProblem, prefixLength } from './cidr.ts'
import { parseYamlFile } from '../yaml-file.ts'

const cidr = z.string().check((context) => {
  const problem = cidrProblem(context.value)
  if (problem !== undefined) context.issues.push({ code: 'custom', input: context.value, message: problem })
})

/** Roles with power beyond a project, or over other accounts. `policy build` refuses the same ones. */
export const neverManaged: readonly string[] = [
  'admin',
  managerRole,
  'service',
  'domain-manager',
  'load-balancer_admin',
  'load-balancer_global_observer',
]

const managedRole = z.string().refine((name) => !neverManaged.some((role) => isSameRole(name, role)), {
  message: 'a domain manager must never be able to grant this role: it is worth more than the tenant; leave it out',
})

const logPath = z.string().regex(/^\/[A-Za-z0-9._/-]+$/, 'write an absolute path of letters, digits and ._-')
const unitName = z.string().regex(/^[a-z][a-z0-9-]*\/(\d+|leader)$/, 'write a unit like `magnum/0` or `magnum/leader`')
const jujuName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/, 'write the name of a model')

/** The place of a service's log, and how an operator reads it. */
function logPlace(unit: string, path: string, service: string) {
  return z
    .discriminatedUnion('from', [
      z.strictObject({ from: z.literal('file'), path: logPath }),
      z.strictObject({
        from: z.literal('juju'),
        model: jujuName.default('openstack'),
        unit: unitName.default(unit),
        path: logPath.default(path),
      }),
      z.strictObject({
        from: z.literal('journal'),
        unit: z
          .string()
          .regex(/^[A-Za-z0-9@._-]+$/, 'write the name of a systemd unit')
          .default(service),
      }),
    ])
    .optional()
}

/** Facts about a cloud, not about a tenant. A tenant file may override every key under `overrides`. */
export const cloudFields = z.strictObject({
  horizon_url: z.url().optional().meta({
    description:
      'the address of the dashboard (Horizon): part of the handover; `preflight` and `handover` look whether a domain manager can work there',
  }),
  contact: z
    .string()
    .regex(/^[^\n|]+$/, 'write one line without `|`')
    .optional()
    .meta({ description: 'whom a tenant asks, such as a mail address; part of the handover' }),
  external_network: z
    .string()
    .optional()
    .meta({ description: 'name or UUID of the network that gives egress; not needed if there is only one' }),
  tenant_pool: z
    .strictObject({ cidr, prefix_length: z.int().min(8).max(29).default(24) })
    .refine((pool) => pool.prefix_length >= prefixLength(pool.cidr), {
      message: 'prefix_length is wider than the pool itself',
    })
    .optional()
    .meta({ description: 'the pool of prefixes for networks without a `cidr`' }),
  image: z
    .string()
    .optional()
    .meta({ description: 'name or UUID of the public Magnum-ready image; not needed if there is only one' }),
  flavor: z
    .string()
    .optional()
    .meta({ description: 'name or id of the node flavor; default: the smallest public one that suffices' }),
  master_flavor: z.string().optional().meta({ description: 'name or id of the master flavor; default: `flavor`' }),
  managed_roles: z
    .array(managedRole)
    .nonempty()
    .optional()
    .meta({ description: `what a domain manager may grant: ${accountRoles.join(' and ')}` }),
  magnum_domain: z.string().optional().meta({ description: "the domain of Magnum's trustees; default: magnum" }),
  accepted_findings: z
    .array(
      z
        .string()
        .regex(
          /^(?:cloud|exposure)\/[a-z-]+$/,
          'write codes of findings about the cloud, such as cloud/forged-target or exposure/port-security',
        ),
    )
    .optional()
    .meta({
      description: 'findings of probes (`cloud/..`) and about packets (`exposure/..`) that the operator accepts',
    }),
  policy: z
    .discriminatedUnion('delivery', [
      z.strictObject({
        delivery: z.literal('juju'),
        model: z.string().default('openstack'),
        application: z.string().default('keystone'),
      }),
      z.strictObject({ delivery: z.literal('directory'), path: z.string() }),
    ])
    .optional()
    .meta({ description: 'how the policy override reaches Keystone' }),
  logs: z
    .strictObject({
      magnum_conductor: logPlace('magnum/leader', '/var/log/magnum/magnum-conductor.log', 'magnum-conductor.service'),
      barbican_api: logPlace('barbican/leader', '/var/log/barbican/barbican-api.log', 'barbican-api.service'),
    })
    .optional()
    .meta({ description: 'where services log; only the logs say why a cluster is not made' }),
  vault: z
    .strictObject({
      address: z.url({ protocol: /^https?$/, error: 'write an address like `https://vault.example:8200`' }),
      token_file: z.string(),
      role: z.string().optional(),
      ca_file: z.string().optional(),
    })
    .optional()
    .meta({ description: 'where `diagnose` reads the addresses from which Barbican may sign in to Vault' }),
  management_cluster: z
    .strictObject({ kubeconfig: z.string() })
    .optional()
    .meta({ description: 'where `diagnose` reads what Cluster API says of a cluster of magnum-capi-helm' }),
})

export const cloudFileSchema = z.strictObject({ version: z.literal(1), ...cloudFields.shape })

export type CloudFacts = z.output<typeof cloudFields>

/** What a domain manager may grant on this cloud: by itself what the tenant's accounts hold. */
export function managedRolesOf({ managed_roles }: CloudFacts): readonly string[] {
  return managed_roles ?? accountRoles
}

/** Where Magnum makes the trustees of its clusters. `policy build` assumes the same name. */
export function magnumDomainOf({ magnum_domain }: CloudFacts): string {
  return magnum_domain ?? 'magnum'
}

/** The account that makes them, as the charm and the installation guide call it. */
export const magnumDomainAdmin = 'magnum_domain_admin'

/** Parses cloud.yaml. Throws `InputError` with every problem. */
export function parseCloudFacts(file: string, text: string): CloudFacts {
  const { version: _, ...facts } = parseYamlFile(file, text, cloudFileSchema)
  return facts
}
