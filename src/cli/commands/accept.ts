import { join, resolve } from 'node:path'
import { accept } from '../../self-service/accept.ts'
import type { Accepted } from '../../self-service/accept.ts'
import { receive } from '../../handover/open.ts'
import type { Received } from '../../handover/open.ts'
import { signInAsReceived } from '../../self-service/sign-in.ts'
import { InputError } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { handoverFiles, secretsFolder, writeReadable } from '../../handover/write.ts'
import { changesOf } from '../../onboarding/plan.ts'
import type { Plan } from '../../onboarding/plan.ts'
import { Secret } from '../../secret.ts'
import { custodyOf } from '../../tenant/custody.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import { homeOf, makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { secretStore } from '../../tenant/secret-store.ts'
import { secretNames, signsIn } from '../../tenant/sessions.ts'
import { parseSpec } from '../../tenant/spec.ts'
import { stageNames } from '../../tenant/stage.ts'
import { tenantOf } from '../../tenant/tenant.ts'
import type { LoadedTenant } from '../tenant-command.ts'
import { readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import { paint, print, table } from '../output.ts'
import type { Format } from '../output.ts'
import { progressView } from '../views/progress.ts'
import { renderChecks, renderFindings, renderPlan } from '../views/plan.ts'
import { openTenantSide } from '../tenant-side.ts'
import type { TenantSide } from '../tenant-side.ts'

type Options = {
  readonly identity?: string | undefined
  readonly home?: string | undefined
  readonly adopt?: true | undefined
  readonly yes?: true | undefined
  readonly wait: boolean
  readonly debug?: true | undefined
  readonly allowHttp?: true | undefined
  readonly output: Format
}

/** Carries out the tenant's side from the handover and the tenant file alone. Reads no other file of this machine. */
export async function acceptCommand(
  handover: string,
  file: string,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const loaded = await loadAlone(file, options, io)
  const records = await readEvidence(loaded.home.evidence)
  if (records.length > 0 && custodyOf(records).kind !== 'own')
    throw new InputError(
      `\`${loaded.home.path}\` is an operator's data directory; give the tenant one of its own with \`--home FOLDER\``,
    )
  const identity = options.identity === undefined ? undefined : resolve(io.cwd, options.identity)
  const received = await receive(resolve(io.cwd, handover), identity)
  const side = await openTenantSide(loaded, received.files, options, io)
  try {
    const lock = await acquireLock(loaded.home.path, `accept, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      return await run(loaded, received, side, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await side.close()
  }
}

/** Loads a tenant as every command does, but without cloud.yaml, which is the operator's. */
async function loadAlone(file: string, options: Options, io: CommandContext): Promise<LoadedTenant> {
  const text = await readText(resolve(io.cwd, file))
  if (text === undefined) throw new InputError(`there is no file \`${file}\``)
  const spec = parseSpec(file, text)
  const home = homeOf(resolve(io.cwd, options.home ?? join(io.home, 'tenant-onboard')), spec.cloud, spec.tenant)
  return { file, tenant: tenantOf(spec, {}), home, secrets: secretStore(home.secrets) }
}

async function run(
  loaded: LoadedTenant,
  received: Received,
  side: TenantSide,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const { tenant, home, secrets } = loaded
  const wrong = await takeOver(loaded, received, side)
  if (wrong !== undefined) {
    print(io, options.output, { tenant: tenant.spec.tenant, ok: false, findings: [wrong] }, () =>
      renderFindings(io, [wrong]),
    )
    return 3
  }
  const evidence = await openEvidence(home.evidence, io.now)
  const operatorHead = headOf(received)
  const isKnown = evidence.records.some((one) => one.kind === 'accepted' && one.sha256 === received.sha256)
  if (!isKnown) await evidence.append({ kind: 'accepted', sha256: received.sha256, operatorHead })
  const view = progressView(io, stageNames)
  let accepted: Accepted
  try {
    accepted = await accept({
      ...side,
      tenant,
      secrets,
      evidence,
      adopt: options.adopt === true,
      wait: options.wait,
      approve: (plan) => isApproved(plan, options, io),
      progress: view.show,
      stop: io.stop,
      now: io.now,
      sleep: io.sleep,
    })
  } finally {
    await view.end()
    // for people and for `rotate`: the same files, with the current password
    const files = await handoverFiles({ tenant, secrets, endpoint: side.endpoint, ca: side.ca, head: operatorHead })
    if (files !== undefined) await writeReadable(home, files)
  }
  if (accepted.isDeclined) return 0
  report(loaded, received, accepted, options, io)
  return accepted.ok ? 0 : 3
}

/** Stores what was received in the data directory, unless newer secrets are there already. */
async function takeOver(
  { tenant, home, secrets }: LoadedTenant,
  { files }: Received,
  side: TenantSide,
): Promise<Finding | undefined> {
  const own = await side.sessions.at({ actor: 'manager' })
  if (own === undefined || !(await signsIn(own))) {
    const wrong = await signInAsReceived(tenant, side.asGiven())
    if (wrong !== undefined) return wrong
    await makeHome(home)
    if (side.given !== undefined) await secrets.write(secretNames.manager, side.given)
    side.sessions.renew('manager')
  }
  await makeHome(home)
  for (const [name, text] of files) {
    const secret = name.startsWith(`${secretsFolder}/`) ? name.slice(secretsFolder.length + 1) : undefined
    if (secret === undefined || /[/\\]|^\./.test(secret) || (await secrets.read(secret)) !== undefined) continue
    await secrets.write(secret, new Secret(text.reveal().trimEnd()))
  }
  return undefined
}

function headOf({ files }: Received): string | undefined {
  return /`(sha256:[0-9a-f]{64})`/.exec(files.get('README.md')?.reveal() ?? '')?.[1]
}

async function isApproved(plan: Plan, options: Options, io: CommandContext): Promise<boolean> {
  const isNothing = changesOf(plan).length === 0
  if (!isNothing || options.output === 'text') io.err(renderPlan(io, plan))
  if (isNothing || options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await io.confirm('carry out this plan?')) return true
  io.err('nothing else was changed\n')
  return false
}

function report(
  { tenant, home }: LoadedTenant,
  received: Received,
  accepted: Accepted,
  options: Options,
  io: CommandContext,
): void {
  const { ok, changed, stages, identities, findings } = accepted
  const result = {
    tenant: tenant.spec.tenant,
    ok,
    handover: { sha256: received.sha256, operatorHead: headOf(received) ?? null },
    identities,
    changed,
    stages: stages.map(({ withoutOperator: _, ...stage }) => stage),
    withoutOperator: stages.flatMap(({ stage, withoutOperator = [] }) =>
      withoutOperator.map((point) => ({ stage, ...point })),
    ),
    findings: [...findings, ...stages.flatMap((stage) => stage.findings)],
    evidence: home.evidence,
  }
  print(io, options.output, result, () => renderAccepted(result, accepted, io))
}

function renderAccepted(
  result: {
    readonly tenant: string
    readonly handover: { readonly sha256: string; readonly operatorHead: string | null }
    readonly findings: readonly Finding[]
    readonly evidence: string
    readonly withoutOperator: readonly {
      readonly stage: string
      readonly what: string
      readonly reach: string
      readonly instead: string
    }[]
  },
  { ok, stages, identities, changed }: Accepted,
  io: CommandContext,
): string {
  const head = ok
    ? paint(io, 'green', `${result.tenant} was onboarded from its handover alone`)
    : paint(io, 'red', `${result.tenant} was not onboarded from its handover`)
  const failed = stages.flatMap(({ checks }) => checks.filter((check) => !check.ok))
  const points = result.withoutOperator.map(({ stage, what, reach, instead }) => [
    reach,
    stage,
    `${what} -> ${instead}`,
  ])
  return `${head}
handover  sha256 ${result.handover.sha256}
${result.handover.operatorHead === null ? '' : `          the operator's evidence ended with ${result.handover.operatorHead}\n`}
accounts that signed in; no OS_* variable and no clouds.yaml of this machine was read
${table(
  identities.map(({ actor, user, roles }) => [user, actor, roles.join(', ')]),
  io.columns,
  '  ',
)}
gates
${table(
  stages.map(({ stage, gate, ok: holds, checks }) => [
    holds ? 'ok' : 'NO',
    stage,
    `${gate === 'accepted' ? 'accepted, ' : ''}${checks.length} checks, ${checks.filter(({ reach }) => reach === 'perimeter').length} of them need an operator`,
  ]),
  io.columns,
  '  ',
)}${renderChecks(io, failed)}
what an operator does, and what was done instead
${table(points, io.columns, '  ')}
${renderFindings(io, result.findings)}${changed.length === 0 ? 'nothing had to be changed' : `${changed.length} changes`}
evidence  ${result.evidence}
`
}
