import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { CloudError, InputError } from '../errors.ts'
import type { DeliveryBackend } from '../policy-delivery/backends/backend.ts'
import { folderBackend } from '../policy-delivery/backends/folder.ts'
import { runGate } from '../policy-delivery/gate.ts'
import type { Gate, GateQuestion } from '../policy-delivery/gate.ts'
import { jujuBackend } from '../policy-delivery/backends/juju.ts'
import { openRecord, readRecord } from '../policy-delivery/record.ts'
import type { Delivery, DeliveryRecord } from '../policy-delivery/record.ts'
import { programs } from '../logs/program.ts'
import type { RunProgram } from '../logs/program.ts'
import { magnumDomainOf, managedRolesOf, parseCloudFacts } from '../tenant/cloud-facts.ts'
import type { CloudFacts } from '../tenant/cloud-facts.ts'
import { cloudHomeOf, defaultRoot, policyHomeOf } from '../tenant/home.ts'
import { connect, loadOperator, readText } from './connection.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import { builtForIn } from './built-for.ts'
import type { CommandContext } from './context.ts'
import { typedOptions } from './policy-commands.ts'
import type { PolicyCommands } from './policy-commands.ts'
import { homeRoot } from './home-root.ts'
import type { PolicyAttachOptions } from './definitions/policy.ts'
import { withProbeRuns } from '../tenant/probe-runs.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { readInputBytes } from '../tenant/input-file.ts'

/*
 * The common beginning of attach, gate, rollback and advise: the cloud, the way to its Keystone, and the record of
 * deliveries.
 */

export type DeliveryOptions = ConnectionOptions &
  Pick<
    PolicyAttachOptions,
    | 'home'
    | 'policyDir'
    | 'model'
    | 'application'
    | 'previous'
    | 'managedRoles'
    | 'magnumDomain'
    | 'connections'
    | 'settle'
  >

export type OpenDelivery = {
  readonly cloud: string
  readonly connection: Connection
  readonly facts: CloudFacts
  readonly managedRoles: readonly string[]
  /** Where the folders of all clouds are. */
  readonly root: string
  /** The name of the domain of Magnum's trustees. */
  readonly magnumDomain: string
  /** How commands are typed for this cloud. */
  readonly commands: Pick<PolicyCommands, 'cloud' | 'way'>
  /** The folder of the record. */
  readonly folder: string
  readonly record: DeliveryRecord
  readonly way: Way | undefined
  readonly backend: DeliveryBackend | undefined
  /** The `juju` command, with time for a distant controller. */
  readonly run: RunProgram
  readonly ask: (question: GateQuestion) => Promise<Gate>
  /** For probes: the throwaways of a run that was killed are removed by the next one. */
  readonly probing: <T>(work: (runs: ProbeRuns) => Promise<T>) => Promise<T>
}

/**
 * Throws `InputError` if the data directory belongs to another Keystone. A Keystone that does not answer is no other one: a rollback
 * is for that case.
 */
export async function checkKeystone({ connection: { operator } }: Pick<OpenDelivery, 'connection'>): Promise<void> {
  await operator.token().catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error
  })
}

/**
 * Sends nothing yet. `isWriting` creates the folder of the record. `text`: the override, whose head says what it was built
 * for; cloud.yaml counts more, and the command line most.
 */
export async function openDelivery(
  options: DeliveryOptions,
  { isWriting, text: override }: { readonly isWriting: boolean; readonly text?: string | undefined },
  io: CommandContext,
): Promise<OpenDelivery> {
  const config = await loadOperator(options, undefined, io)
  const root = homeRoot(options, io)
  const folder = policyHomeOf(root, config.name)
  const cloudFile = join(folder, '..', 'cloud.yaml')
  const text = await readText(cloudFile)
  const facts = text === undefined ? {} : parseCloudFacts(cloudFile, text)
  const way = wayOf(options, facts)
  const settleMs = 1000 * (countIn('settle', options.settle) ?? (way?.delivery === 'juju' ? 600 : 10))
  const connections = countIn('connections', options.connections) ?? 8
  const record = isWriting ? await openRecord(folder) : await readRecord(folder)
  const builtFor = override === undefined ? undefined : builtForIn(override)
  const stated = { managed_roles: builtFor?.managedRoles, magnum_domain: builtFor?.magnumDomain, ...facts }
  const managedRoles = options.managedRoles ?? managedRolesOf(stated)
  const magnumDomain = options.magnumDomain ?? magnumDomainOf(stated)
  const run = programs(io.env, io.stop, 120_000)
  const previousZip = way?.delivery === 'juju' ? await bytesOf(options.previous, io) : undefined
  const backend = backendFor(way, { run, record, settleMs, cloud: config.name, previousZip }, io)
  const connection = await connect(
    config,
    { cloud: cloudHomeOf(root, config.name), tenants: [] },
    { ...options, isFresh: true },
    io,
  )
  const probing: OpenDelivery['probing'] = (work) =>
    withProbeRuns(folder, { command: 'policy probes', pid: io.pid, clock: io }, work)
  return {
    cloud: config.name,
    connection,
    facts,
    managedRoles,
    root,
    magnumDomain,
    commands: typedOptions(options),
    folder,
    record,
    way,
    backend,
    run,
    probing,
    ask: (question) =>
      probing((runs) =>
        runGate({
          ...question,
          runs,
          operator: connection.operator,
          open: connection.open,
          random: randomBytes,
          managedRoles,
          connections,
          patienceMs: settleMs,
          accepted: facts.accepted_findings ?? [],
          now: io.now,
          sleep: io.sleep,
          stop: io.stop,
        }),
      ),
  }
}

type Way = NonNullable<CloudFacts['policy']>

/** The command line overrides cloud.yaml. */
function wayOf({ policyDir, model, application }: DeliveryOptions, { policy }: CloudFacts): Way | undefined {
  const isJuju = model !== undefined || application !== undefined
  if (policyDir !== undefined && isJuju)
    throw new InputError('`--policy-dir` delivers to a folder, `--model` and `--application` by Juju: choose one')
  if (policyDir !== undefined) return { delivery: 'directory', path: policyDir }
  if (!isJuju) return policy
  const known = policy?.delivery === 'juju' ? policy : { model: 'openstack', application: 'keystone' }
  return { delivery: 'juju', model: model ?? known.model, application: application ?? known.application }
}

type BackendOptions = Pick<OpenDelivery, 'run' | 'record' | 'cloud'> & {
  readonly settleMs: number
  readonly previousZip: Uint8Array | undefined
}

function backendFor(
  way: Way | undefined,
  { run, record, settleMs, cloud, previousZip }: BackendOptions,
  io: CommandContext,
): DeliveryBackend | undefined {
  switch (way?.delivery) {
    case undefined:
      return undefined
    case 'directory':
      return folderBackend(resolve(io.cwd, way.path), io.now)
    case 'juju':
      return jujuBackend({
        model: way.model,
        application: way.application,
        run,
        // always below the user's own home folder, whatever `--home` says: a snap reads nothing else, and nothing
        staging: join(policyHomeOf(defaultRoot(io.home), cloud), 'staged'),
        previousZip,
        record,
        settleMs,
        now: io.now,
        sleep: io.sleep,
        stop: io.stop,
        note: (line) => {
          io.err(`${line}\n`)
        },
      })
  }
}

/** Bytes of a zip with an override; ours have about 3,000. */
const zipLimit = 4 << 20

async function bytesOf(file: string | undefined, io: CommandContext): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined
  const bytes = await readInputBytes(resolve(io.cwd, file), { shown: file, limit: zipLimit })
  if (bytes === undefined) throw new InputError(`cannot read \`${file}\`: it is missing, or you may not read it`)
  return bytes
}

/** What an attach delivered, as a file that can be named again. */
export async function keptFile(
  { folder, record }: Pick<OpenDelivery, 'folder' | 'record'>,
  { override }: Delivery,
): Promise<{ readonly path: string; readonly text: string }> {
  const text = new TextDecoder().decode(await record.kept(override))
  return { path: join(folder, 'kept', override), text }
}

export function needCarrier({ backend, folder }: Pick<OpenDelivery, 'backend' | 'folder'>): DeliveryBackend {
  if (backend !== undefined) return backend
  throw new InputError(
    `the way to this cloud's Keystone is not configured: give \`--policy-dir\` or \`--model\`, or \`policy:\` in \`${join(folder, '..', 'cloud.yaml')}\``,
  )
}

function countIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text)) throw new InputError(`\`--${name} ${text}\`: write a whole number`)
  return Number(text)
}
