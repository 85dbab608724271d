import { z } from 'zod'
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { quotaTable } from '../openstack/quotas.ts'
import type { QuotaService, QuotaUnit } from '../openstack/quotas.ts'
import { recipientProblem } from './recipient.ts'
import { cidrProblem, cidrsOverlap, prefixLength } from './cidr.ts'
import { cloudFields } from './cloud-facts.ts'
import { parseAmount } from './quantity.ts'
import { parseYamlFile } from '../yaml-file.ts'

/**
 * tenant.yaml: what a person asks for. Quota keys are those of the services (openstack/quotas.ts; `openstack quota show` has
 * the same), except that memory and disk carry their unit.
 */

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'use 2 to 32 of a-z, 0-9 and -, a letter first, no - at the end')

/** An entry of clouds.yaml, and a folder. A dot or a dash first would hide it, or be an option. */
const cloudName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'use 1 to 63 of letters, digits, `.`, `_` and `-`, a letter or digit first',
  )

const count = z
  .union([z.int().min(0), z.literal('unlimited')])
  .transform((value) => (value === 'unlimited' ? -1 : value))

/** `unlimited`, or an amount with its unit, in units of `mebibytes`. */
function amount(mebibytes: number, unitName: string) {
  return z
    .union([z.string(), z.number()], { error: 'write an amount with its unit, like `50 GiB`' })
    .transform((value, context) => {
      if (value === 'unlimited' || value === -1) return -1
      const parsed = parseAmount(String(value))
      if ('mebibytes' in parsed && parsed.mebibytes % mebibytes === 0) return parsed.mebibytes / mebibytes
      context.issues.push({
        code: 'custom',
        input: value,
        message:
          'problem' in parsed
            ? parsed.problem
            : `\`${value}\` is not a whole number of ${unitName}, the unit of the service`,
      })
      return z.NEVER
    })
}

/** How a limit is written, by what the service counts in. */
const limit = {
  count: count.optional(),
  MiB: amount(1, 'MiB').optional(),
  GiB: amount(1024, 'GiB').optional(),
} satisfies Record<QuotaUnit, z.ZodType>

function limitsOf(service: QuotaService) {
  const keys = Object.entries(quotaTable[service].keys)
  return z.strictObject(Object.fromEntries(keys.map(([key, { unit }]) => [key, limit[unit]]))).optional()
}

const quotas = z.strictObject({
  compute: limitsOf('compute'),
  network: limitsOf('network'),
  block_storage: limitsOf('block_storage'),
  load_balancer: limitsOf('load_balancer'),
  // the one thing that Magnum limits, and never without a limit
  container_infra: z.strictObject({ cluster: z.int().min(0) }).optional(),
} satisfies Record<QuotaService, z.ZodType<Readonly<Record<string, number | undefined>> | undefined>>)

const cidr = z.string().check((context) => {
  const problem = cidrProblem(context.value)
  if (problem !== undefined) context.issues.push({ code: 'custom', input: context.value, message: problem })
})

const network = z
  .strictObject({
    cidr: cidr
      .optional()
      .meta({ description: 'the prefix; without it the first free one of the pool is taken, and kept' }),
    pool: cidr
      .optional()
      .meta({ description: "the pool of this network's prefix, instead of the cloud's tenant_pool" }),
    prefix_length: z.int().min(8).max(29).optional(),
    dns: z.array(z.ipv4({ error: 'write IPv4 addresses' })).default([]),
  })
  .refine((value) => value.cidr === undefined || (value.pool === undefined && value.prefix_length === undefined), {
    message: 'a `cidr` excludes `pool` and `prefix_length`; keep one of the two',
  })
  .refine((value) => value.cidr === undefined || prefixLength(value.cidr) <= 29, {
    path: ['cidr'],
    message: 'this prefix is too small for a router, a cluster and its load balancer; use /29 or wider',
  })
  .refine((value) => value.pool === undefined || (value.prefix_length ?? 24) >= prefixLength(value.pool), {
    path: ['prefix_length'],
    message: 'is wider than the pool itself',
  })

const labels = z.record(z.string(), z.string()).default({})

const template = z.strictObject({
  pin: z.enum(['required', 'preferred', 'off']).default('required').meta({
    description: 'must the cluster use the network of the project? Only `preferred` may fall back',
  }),
  network_driver: z.enum(['calico', 'flannel', 'cilium']).default('calico'),
  docker_storage_driver: z.string().default('overlay2'),
  master_lb_enabled: z.boolean().default(true),
  floating_ip_enabled: z.boolean().default(true),
  labels,
})

const cluster = z.strictObject({
  master_count: z.int().min(1).max(9).default(1),
  node_count: z.int().min(1).default(1),
  create_timeout: z.int().min(5).default(60).meta({ description: 'minutes' }),
  labels,
})

const project = z
  .strictObject({
    name,
    description: z.string().max(200).optional(),
    quotas: quotas.default({}),
    network: network.optional(),
    template: template.optional(),
    cluster: cluster.optional(),
  })
  .refine((value) => value.cluster === undefined || value.template !== undefined, {
    path: ['cluster'],
    message: 'a cluster needs a `template` beside it',
  })
  .refine((value) => value.template === undefined || value.network !== undefined || value.template.pin === 'off', {
    path: ['template'],
    message: 'a template needs a `network` beside it, or `pin: off`',
  })

const recipient = z
  .string()
  .check((context) => {
    const problem = recipientProblem(context.value)
    // the value is not repeated: it may be the secret half, pasted by mistake
    if (problem !== undefined) context.issues.push({ code: 'custom', input: undefined, message: problem })
  })
  .meta({ pattern: '^age1[0-9a-z]+$' })

export const specSchema = z.strictObject({
  version: z.literal(1, { error: 'write `version: 1`' }),
  tenant: name.meta({ description: 'the name of the domain, and the beginning of every other name' }),
  cloud: cloudName.meta({ description: 'the entry of clouds.yaml, and the folder below ~/tenant-onboard' }),
  description: z.string().max(200).optional(),
  overrides: cloudFields.optional().meta({ description: 'what differs from cloud.yaml for this tenant' }),
  projects: z.array(project).nonempty('a tenant needs at least one project'),
  handover: z.strictObject({ recipient }).optional().meta({
    description: 'the handover is sealed with age to this recipient, and the operator keeps no readable copy',
  }),
})

export type Spec = z.output<typeof specSchema>
export type ProjectSpec = Spec['projects'][number]
export type Quotas = ProjectSpec['quotas']

/** Parses tenant.yaml. Throws `InputError` with every problem, each with its line and column. */
export function parseSpec(file: string, text: string): Spec {
  const spec = parseYamlFile(file, text, specSchema)
  const problems: Problem[] = []
  const seen = new Map<string, number>()
  for (const [index, { name, network }] of spec.projects.entries()) {
    const twin = seen.get(name)
    if (twin !== undefined)
      problems.push({ file, message: `\`projects.${index}.name\`: project \`${name}\` is defined twice` })
    seen.set(name, index)
    if (network?.cidr === undefined) continue
    for (const other of spec.projects.slice(0, index)) {
      if (other.network?.cidr !== undefined && cidrsOverlap(other.network.cidr, network.cidr))
        problems.push({
          file,
          message: `\`projects.${index}.network.cidr\`: ${network.cidr} overlaps ${other.network.cidr} of project \`${other.name}\``,
        })
    }
  }
  if (problems.length > 0) throw new InputError(problems)
  return spec
}
