import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { hasErrors } from '../../finding.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Diagnosis } from '../../diagnosis/diagnose.ts'
import { diagnosisJson, renderDiagnosisText } from '../../diagnosis/render.ts'
import { symptomOfEvidence } from '../../diagnosis/symptom.ts'
import type { Symptom } from '../../diagnosis/symptom.ts'
import type { VaultAccess } from '../../diagnosis/vault.ts'
import { readCa } from '../../openstack/ca.ts'
import { fileLog } from '../../logs/file-log.ts'
import type { ServiceLog } from '../../logs/log.ts'
import { openLog } from '../../logs/open-log.ts'
import { programs } from '../../logs/program.ts'
import { createTransport } from '../../openstack/http.ts'
import type { Transport } from '../../openstack/http.ts'
import { Secret } from '../../secret.ts'
import { readEvidence } from '../../tenant/evidence.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant } from '../tenant-command.ts'
import { readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../output.ts'
import type { Format } from '../output.ts'
import { renderFindings } from '../views/plan.ts'

type VaultOptions = {
  readonly vault?: string | undefined
  readonly vaultTokenFile?: string | undefined
  readonly barbicanLog?: string | undefined
}

type Options = CloudOptions & VaultOptions & { readonly verbose?: true | undefined; readonly output: Format }

/** Finds out why a tenant is not as asked, by experiments that leave nothing behind. */
export async function diagnoseCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const symptom = symptomOfEvidence(await readEvidence(loaded.home.evidence))
  // what failed lately says where to look first, and does not keep a person from a look at everything
  return diagnoseTenant(loaded, { ...symptom, stage: undefined }, options, io, (diagnosis) => {
    print(io, options.output, diagnosisJson(loaded.tenant.spec.tenant, diagnosis), () =>
      renderDiagnosisText(diagnosis, { isVerbose: options.verbose === true, columns: io.columns }),
    )
    return hasErrors(diagnosis.findings) ? 3 : 0
  })
}

/** One request may take no longer: a diagnosis has ten seconds in all. */
const requestMs = 6000

/**
 * With sessions of its own, which do not wait long. What `tell` is given is told at once; on a slow cloud the removal of what was made
 * takes longer than a person should wait for a cause. Throws `InputError` for what the user gave.
 */
export async function diagnoseTenant<T>(
  loaded: LoadedTenant,
  symptom: Symptom,
  options: CloudOptions & VaultOptions,
  io: CommandContext,
  tell: (diagnosis: Diagnosis) => T,
): Promise<T> {
  const { tenant, home } = loaded
  const transports: Transport[] = []
  const cloud = await openCloud(loaded, options, {
    ...io,
    deadlineMs: requestMs,
    err: (text) => {
      // that a request is sent again matters little to who waits for a finding
      if (options.debug === true) io.err(text)
    },
  })
  try {
    const vault = await vaultOf(loaded, options, io, transports)
    const anyCertificate = io.fetch ?? transport(transports, { isInsecure: true })
    const { diagnosis, remove } = await diagnose({
      tenant,
      operator: cloud.operator,
      sessions: cloud.sessions,
      open: cloud.open,
      endpoint: cloud.endpoint,
      anyCertificate,
      vault,
      barbicanLog: logOf(loaded, options, io),
      symptom,
      evidence: await readEvidence(home.evidence),
      random: randomBytes,
      now: io.now,
      startTimer: io.startTimer,
    })
    const told = tell(diagnosis)
    const leftovers = await remove()
    if (leftovers.length > 0) io.err(renderFindings(io, leftovers))
    return told
  } finally {
    await Promise.all([cloud.close(), ...transports.map(({ close }) => close())])
  }
}

function transport(opened: Transport[], options: Parameters<typeof createTransport>[0]): Transport['fetch'] {
  const made = createTransport({ ...options, connectTimeoutMs: 3000 })
  opened.push(made)
  return made.fetch
}

/** From the options, or cloud.yaml; both the address and the file of a token, or nothing. */
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
    problems.push({ message: 'a token file for Vault was given, and no address', hint: '--vault https://HOST:8200' })
  else if (!/^https?:\/\/[^/]+/.test(address))
    problems.push({ message: `\`${address}\` is no address of Vault`, hint: 'https://HOST:8200' })
  if (file === undefined)
    problems.push({ message: 'an address of Vault was given, and no token file', hint: '--vault-token-file FILE' })
  const path =
    file === undefined
      ? undefined
      : resolve(vaultTokenFile === undefined ? resolve(home.cloudFile, '..') : io.cwd, file)
  const text = path === undefined ? undefined : await readText(path)
  if (path !== undefined && (text === undefined || text.trim() === ''))
    problems.push({ file: path, message: 'there is no token of Vault in this file, or it cannot be read' })
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

function logOf({ tenant }: LoadedTenant, { barbicanLog }: VaultOptions, io: CommandContext): ServiceLog | undefined {
  if (barbicanLog !== undefined) return fileLog(resolve(io.cwd, barbicanLog))
  return openLog(tenant.facts, 'barbican_api', programs(io.env, io.stop))
}
