import { resolve } from 'node:path'
import { choicesOf, freePrefix } from '../../draft/choose.ts'
import { renderTenantFile } from '../../draft/render.ts'
import type { ProjectDraft, TenantDraft } from '../../draft/render.ts'
import { InputError } from '../../errors.ts'
import { readCloud } from '../../onboarding/cloud-readings.ts'
import { hasService } from '../../openstack/has-service.ts'
import type { Session } from '../../openstack/session.ts'
import { parseCloudFacts, magnumDomainOf } from '../../tenant/cloud-facts.ts'
import type { CloudFacts } from '../../tenant/cloud-facts.ts'
import { homeOf } from '../../tenant/home.ts'
import { parseSpec } from '../../tenant/spec.ts'
import { connect, loadOperator, readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import type { InitOptions } from '../definitions/shell.ts'
import { homeRoot } from '../home-root.ts'
import { print } from '../output.ts'
import { assertNew, save } from '../save.ts'

/** Writes a tenant file that fits the cloud. Reads the cloud as its operator; changes nothing there. */
export async function initCommand(options: InitOptions, io: CommandContext): Promise<number> {
  const out = options.out ?? 'tenant.yaml'
  if (out !== '-') await assertNew(resolve(io.cwd, out), out)
  const config = await loadOperator(options, undefined, io)
  const tenant = await answerOf('tenant', 'Name of the tenant (a-z, 0-9 and -):', options.tenant, io)
  const home = homeOf(homeRoot(options, io), config.name, tenant)
  const known = await readText(home.cloudFile)
  const facts = known === undefined ? {} : parseCloudFacts(home.cloudFile, known)
  const cloud = await connect(config, { cloud: home.folders.cloud, tenants: [] }, options, io)
  try {
    io.err(`reading what the cloud ${config.name} has\n`)
    const draft = await draftOf({ tenant, cloud: config.name, operator: cloud.operator, facts }, options, io)
    const text = renderTenantFile(draft, {
      head: [
        'What the tenant gets. Show the changes with `tenant-onboard plan`, make them with `tenant-onboard apply`.',
      ],
      isCommented: true,
    })
    // names come from a person, and the file has to be right whatever they are
    parseSpec(out, text)
    if (out === '-') io.out(text)
    else {
      await save(resolve(io.cwd, out), text)
      const next = `tenant-onboard plan ${out}`
      print(io, options.output, { file: out, cloud: config.name, tenant, next }, () => `wrote ${out}; next: ${next}\n`)
    }
    return 0
  } finally {
    await cloud.close()
  }
}

type Place = {
  readonly tenant: string
  readonly cloud: string
  readonly operator: Session<'operator'>
  readonly facts: CloudFacts
}

async function draftOf(
  { tenant, cloud, operator, facts }: Place,
  options: InitOptions,
  io: CommandContext,
): Promise<TenantDraft> {
  const hasMagnum = await hasService(operator, 'container-infra')
  const cluster = options.cluster === true
  if (cluster && !hasMagnum)
    throw new InputError([{ message: `the cloud \`${cloud}\` has no Magnum`, hint: 'leave out `--cluster`' }])
  const readings = await readCloud(
    operator.snapshot(),
    { cluster, network: true, magnumDomain: magnumDomainOf(facts) },
    io.now,
  )
  const prefix = options.cidr === undefined ? freePrefix(options.pool, facts, readings) : undefined
  const cidr = options.cidr ?? prefix?.cidr
  if (cidr === undefined)
    throw new InputError([
      {
        message: `no /${prefix?.length ?? 24} of ${prefix?.pool ?? ''} is free`,
        hint: 'give another pool with `--pool`, or a prefix with `--cidr`',
      },
    ])
  const quotas = await quotasFor(operator, cluster)
  const project: ProjectDraft = {
    name: options.project ?? 'prod',
    quotas,
    network: { cidr, dns: [] },
    template: cluster ? { pin: 'required' } : undefined,
    cluster: cluster ? { master_count: 1, node_count: 1 } : undefined,
  }
  return { tenant, cloud, overrides: choicesOf(readings, facts, cluster), projects: [project] }
}

/** Limits to begin with, for the services that the cloud has; a cluster of one node fits in them. */
async function quotasFor(operator: Session<'operator'>, hasCluster: boolean): Promise<ProjectDraft['quotas']> {
  const [compute, storage, balancer] = await Promise.all([
    hasService(operator, 'compute'),
    hasService(operator, 'block-storage'),
    hasService(operator, 'load-balancer'),
  ])
  return {
    ...(compute ? { compute: { instances: 10, cores: 20, ram: 50 * 1024 } } : {}),
    network: {
      network: 10,
      subnet: 10,
      router: 2,
      port: 200,
      floatingip: 10,
      security_group: 20,
      security_group_rule: 200,
    },
    ...(storage ? { block_storage: { volumes: 20, snapshots: 10, gigabytes: 1000 } } : {}),
    ...(balancer ? { load_balancer: { load_balancer: 10 } } : {}),
    ...(hasCluster ? { container_infra: { cluster: 2 } } : {}),
  }
}

/** Of the flag, or of a person. Throws `InputError` where there is neither. */
async function answerOf(
  name: string,
  question: string,
  given: string | undefined,
  io: CommandContext,
): Promise<string> {
  if (given !== undefined) return given
  if (!io.isTerminal || io.ask === undefined)
    throw new InputError([{ message: `there is no terminal to ask for the ${name} on`, hint: `give \`--${name}\`` }])
  return io.ask(question)
}
