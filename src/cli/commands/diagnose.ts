import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { CloudError, InputError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Diagnosis } from '../../diagnosis/diagnose.ts'
import { diagnosisJson, renderDiagnosisText } from '../../diagnosis/render.ts'
import { symptomOfEvidence } from '../../diagnosis/symptom.ts'
import type { Symptom } from '../../diagnosis/symptom.ts'
import type { VaultAccess } from '../../diagnosis/vault/reading.ts'
import type { ManagementAccess } from '../../diagnosis/management/access.ts'
import { accessOf, parseKubeconfig } from '../../kubernetes/kubeconfig.ts'
import { readCa } from '../../openstack/ca.ts'
import { fileLog } from '../../logs/file-log.ts'
import type { ServiceLog } from '../../logs/log.ts'
import { openLog } from '../../logs/open-log.ts'
import { programs } from '../../logs/program.ts'
import type { Exchange } from '../../openstack/exchange.ts'
import { createTransport } from '../../openstack/http.ts'
import type { Transport } from '../../openstack/http.ts'
import { Secret } from '../../secret.ts'
import { withProbeRuns } from '../../tenant/probe-runs.ts'
import { readEvidence } from '../../tenant/evidence.ts'
import { secretNames } from '../../tenant/sessions.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions } from '../tenant-command.ts'
import { readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import type { DiagnoseOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { verdictOfDiagnosis } from '../../diagnosis/verdict.ts'
import { renderFindings } from '../views/plan.ts'

type VaultOptions = Pick<DiagnoseOptions, 'vault' | 'vaultTokenFile' | 'barbicanLog'>

/** Finds out why a tenant does not match its file, by experiments that leave nothing behind. */
export async function diagnoseCommand(file: string, options: DiagnoseOptions, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const symptom = symptomOfEvidence(await readEvidence(loaded.home.evidence))
  // a recent failure says where to look first; a person's `diagnose` still looks at everything
  return diagnoseTenant(loaded, { ...symptom, stage: undefined }, options, io, (diagnosis) => {
    print(io, options.output, diagnosisJson(loaded.tenant.spec.tenant, diagnosis), () =>
      renderDiagnosisText(diagnosis, { isVerbose: options.verbose === true, columns: io.columns }),
    )
    return verdictOfDiagnosis(diagnosis).exitCode
  })
}

/** For one request, where the cloud is quick. */
const leastRequestMs = 6000
/** A request of an experiment may take so many times as long as the sign-in did: it asks more, and others ask beside it. */
const slowness = 8
/** How long experiments are waited for beyond one request. */
const furtherMs = 2500

/**
 * Opens its own sessions, which do not wait long. `tell` receives each finding at once, because on a slow cloud the
 * clean-up takes longer than a person should wait for a cause. Throws `InputError` for wrong input of the user.
 */
export async function diagnoseTenant<T>(
  loaded: LoadedTenant,
  symptom: Symptom,
  options: CloudOptions & VaultOptions & { readonly seen?: Measured },
  io: CommandContext,
  tell: (diagnosis: Diagnosis) => T,
): Promise<T> {
  const { tenant, home } = loaded
  const transports: Transport[] = []
  const quiet: CommandContext = {
    ...io,
    err: (text) => {
      // retries do not matter to a user who waits for a finding
      if (options.debug === true) io.err(text)
    },
  }
  const [vault, management] = await Promise.all([
    vaultOf(loaded, options, io, transports),
    managementOf(loaded, io, transports),
  ])
  const requestMs = requestTimeOf(options.seen ?? (await measure(loaded, options, quiet)), options)
  const cloud = await openCloud(loaded, options, { ...quiet, deadlineMs: requestMs })
  try {
    const anyCertificate = io.fetch ?? transport(transports, { isInsecure: true })
    // a cluster is trusted by the CA in its kubeconfig
    const toClusters = io.fetch ?? transport(transports, {})
    const holder = { command: 'diagnose', pid: io.pid, clock: io }
    return await withProbeRuns(home.path, holder, async (runs) => {
      const { diagnosis, remove } = await diagnose({
        tenant,
        operator: cloud.operator,
        sessions: cloud.sessions,
        open: cloud.open,
        endpoint: cloud.endpoint,
        anyCertificate,
        vault,
        management,
        accessToCluster: async (project) => {
          const text = await loaded.secrets.read(secretNames.kubeconfig(project))
          const kubeconfig = text === undefined ? undefined : parseKubeconfig(text)
          return kubeconfig === undefined ? undefined : { ...kubeconfig, fetch: toClusters }
        },
        barbicanLog: logOf(loaded, options, io),
        symptom,
        evidence: await readEvidence(home.evidence),
        runs,
        random: randomBytes,
        now: io.now,
        startTimer: io.startTimer,
        patienceMs: requestMs + furtherMs,
      })
      const told = tell(diagnosis)
      const leftovers = await remove()
      if (leftovers.length > 0) io.err(renderFindings(io, leftovers))
      return told
    })
  } finally {
    await Promise.all([cloud.close(), ...transports.map(({ close }) => close())])
  }
}

/** What a command has seen of the cloud before it looks for a cause. Milliseconds. */
type Measured = {
  /** 0 if nobody could sign in. */
  readonly signInMs: number
  /** Of one request. */
  readonly deadlineMs: number
}

/** Of a command that has asked already. */
export function measured(exchanges: readonly Exchange[], deadlineMs: number): Measured {
  const signIns = exchanges.filter(({ path, status }) => status === 201 && path.endsWith('/auth/tokens'))
  return { signInMs: Math.max(0, ...signIns.map(({ ms }) => ms)), deadlineMs }
}

async function measure(loaded: LoadedTenant, options: CloudOptions, io: CommandContext): Promise<Measured> {
  const { operator, close } = await openCloud(loaded, options, io)
  const { deadlineMs } = operator
  try {
    const started = io.now().getTime()
    await operator.token()
    return { signInMs: io.now().getTime() - started, deadlineMs }
  } catch (error) {
    // why it cannot sign in is for the experiments to find out
    if (!(error instanceof CloudError)) throw error
    return { signInMs: 0, deadlineMs }
  } finally {
    await close()
  }
}

/** As this cloud needs it: by the time of a sign-in, and the deadline of one request at most. */
function requestTimeOf({ signInMs, deadlineMs }: Measured, { apiTimeout }: CloudOptions): number {
  const least = apiTimeout === undefined ? leastRequestMs : deadlineMs
  return Math.min(deadlineMs, Math.max(least, slowness * signInMs))
}

function transport(opened: Transport[], options: Parameters<typeof createTransport>[0]): Transport['fetch'] {
  const made = createTransport({ ...options, connectTimeoutMs: 3000 })
  opened.push(made)
  return made.fetch
}

/** From the options, or cloud.yaml: the address and the token file, or neither. */
async function vaultOf(
  { tenant, home }: LoadedTenant,
  { vault, vaultTokenFile }: VaultOptions,
  io: CommandContext,
  opened: Transport[],
): Promise<VaultAccess | undefined> {
  const facts = tenant.facts.vault
  const address = vault ?? facts?.address
  const file = vaultTokenFile ?? facts?.token_file
  if (address === undefined && file === undefined) return undefined
  const problems: Problem[] = []
  if (address === undefined)
    problems.push({ message: 'a token file for Vault was given, but no address', hint: '--vault https://HOST:8200' })
  else if (!/^https?:\/\/[^/]+/.test(address))
    problems.push({ message: `\`${address}\` is not an address of Vault`, hint: 'https://HOST:8200' })
  if (file === undefined)
    problems.push({ message: 'an address of Vault was given, but no token file', hint: '--vault-token-file FILE' })
  const path =
    file === undefined
      ? undefined
      : resolve(vaultTokenFile === undefined ? resolve(home.cloudFile, '..') : io.cwd, file)
  const text = path === undefined ? undefined : await readText(path)
  if (path !== undefined && (text === undefined || text.trim() === ''))
    problems.push({ file: path, message: 'this file has no Vault token, or cannot be read' })
  if (problems.length > 0) throw new InputError(problems)
  const caFile = facts?.ca_file
  const ca =
    caFile === undefined ? undefined : await readCa(resolve(home.cloudFile, '..', caFile), { readText, now: io.now() })
  return {
    address: address ?? '',
    token: new Secret((text ?? '').trim()),
    role: facts?.role,
    fetch: io.fetch ?? transport(opened, ca === undefined ? {} : { ca }),
  }
}

/** From cloud.yaml. A kubeconfig there that is of no use is a mistake of whoever wrote it. */
async function managementOf(
  { tenant, home }: LoadedTenant,
  io: CommandContext,
  opened: Transport[],
): Promise<ManagementAccess | undefined> {
  const named = tenant.facts.management_cluster?.kubeconfig
  if (named === undefined) return undefined
  const file = resolve(home.cloudFile, '..', named)
  const text = await readText(file)
  const access =
    text === undefined
      ? { problem: 'it cannot be read' }
      : await accessOf(new Secret(text), (path) => readText(resolve(file, '..', path)))
  if ('problem' in access)
    throw new InputError([
      {
        file,
        message: `this kubeconfig of the management cluster is of no use: ${access.problem}`,
        hint: 'kubectl config view --flatten --minify, for an account with a certificate or a token',
      },
    ])
  return {
    ...access,
    fetch: io.fetch ?? transport(opened, {}),
    trusting: (ca) => io.fetch ?? transport(opened, ca === undefined ? {} : { ca }),
  }
}

function logOf({ tenant }: LoadedTenant, { barbicanLog }: VaultOptions, io: CommandContext): ServiceLog | undefined {
  if (barbicanLog !== undefined) return fileLog(resolve(io.cwd, barbicanLog))
  return openLog(tenant.facts, 'barbican_api', programs(io.env, io.stop))
}
