import { success } from '../../success.ts'
import { InputError, StopError } from '../../errors.ts'
import { receive } from '../../handover/open.ts'
import type { Session } from '../../openstack/session.ts'
import type { Breakage } from '../../rotation/breakage.ts'
import { rotateCluster } from '../../rotation/cluster.ts'
import type { RotatedCluster } from '../../rotation/cluster.ts'
import { rotate } from '../../rotation/rotate.ts'
import type { Rotated } from '../../rotation/rotate.ts'
import type { LoadedTenant, TenantContext } from '../../tenant/context.ts'
import { custodyOf } from '../../tenant/custody.ts'
import { readEvidence } from '../../tenant/evidence.ts'
import type { OpenTenantSession } from '../../tenant/sessions.ts'
import type { CommandContext } from '../context.ts'
import type { RotateOptions } from '../definitions/tenant.ts'
import { paint, print, wrap } from '../output.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { confirmOn } from '../cloud-question.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import { openTenantSide } from '../tenant-side.ts'
import { renderCloud, renderFindings } from '../views/plan.ts'

/** Gives one account new secrets: stores them, sets them, sees them work and sees the old ones refused. */
export async function rotateCommand(file: string, options: RotateOptions, io: CommandContext): Promise<number> {
  const { account, cluster } = options
  if ((account === undefined) === (cluster === undefined))
    throw new InputError('give either `--account domain-admin|cluster|svc` or `--cluster NAME`')
  const loaded = await loadTenant(file, options, io)
  const access = await openAccess(loaded, options, io)
  try {
    if (cluster !== undefined) return await exchange(access, cluster, options, io)
    if (account === undefined) return 2
    const rotated = await rotate({
      ...access,
      account,
      command: 'rotate',
      pid: io.pid,
      approve: ({ ends, lives }: Breakage) => isApproved([...ends, ...lives], access.used(), options, io),
    })
    return report(loaded, rotated, options, io)
  } finally {
    await access.close()
  }
}

async function exchange(
  access: TenantContext,
  cluster: string,
  options: RotateOptions,
  io: CommandContext,
): Promise<number> {
  const rotated = await rotateCluster({
    ...access,
    cluster,
    command: 'rotate',
    pid: io.pid,
    approve: (lines) => isApproved(lines, access.used(), options, io),
  })
  const tenant = access.tenant.spec.tenant
  switch (rotated.kind) {
    case 'declined':
      return 0
    case 'refused': {
      const { findings } = rotated
      print(io, options.output, { tenant, ok: false, findings }, () => renderFindings(io, findings))
      return 3
    }
    case 'rotated': {
      const { uuid, credential, before, formerOwner } = rotated
      const result = { tenant, ok: true, cluster, uuid, credential, before, formerOwner: formerOwner ?? null }
      print(io, options.output, result, () => renderExchanged(rotated, io))
      return 0
    }
  }
}

function renderExchanged(
  { cluster, credential, before, formerOwner }: RotatedCluster & { kind: 'rotated' },
  io: CommandContext,
): string {
  const old = before.length === 0 ? '' : `; gone: ${before.join(', ')}`
  const owner =
    formerOwner === undefined ? '' : `it was the cluster of user ${formerOwner}, and is this account's now\n`
  return `${paint(io, 'green', success['rotate --cluster'](cluster))}: ${credential}${old}\n${owner}`
}

/** Sets up the actors: an operator together with the tenant's secrets, or the tenant alone. */
type Access = TenantContext & {
  readonly open: OpenTenantSession
  readonly operator: Session<'operator'> | undefined
  readonly close: () => Promise<void>
}

async function openAccess(loaded: LoadedTenant, options: RotateOptions, io: CommandContext): Promise<Access> {
  if (custodyOf(await readEvidence(loaded.home.evidence)).kind === 'own') {
    const { files } = await receive(loaded.home.handover, undefined)
    return { ...(await openTenantSide(loaded, files, options, io)), operator: undefined }
  }
  return openCloud(loaded, options, io)
}

async function isApproved(
  lines: readonly string[],
  used: UsedCloud,
  options: RotateOptions,
  io: CommandContext,
): Promise<boolean> {
  io.err(renderCloud(io, used))
  // indented lines hold one cluster or trust each, and are not wrapped
  for (const line of lines) io.err(`${line.startsWith(' ') ? line : wrap(line, io.columns).join('\n')}\n`)
  if (options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (io.stop.aborted) throw new StopError('stopped as requested; nothing was changed')
  if (await confirmOn(used, 'rotate it?', io)) return true
  io.err('nothing was changed\n')
  return false
}

function report({ tenant }: LoadedTenant, rotated: Rotated, options: RotateOptions, io: CommandContext): number {
  switch (rotated.kind) {
    case 'refused': {
      const findings = [rotated.finding]
      print(io, options.output, { ok: false, findings }, () => renderFindings(io, findings))
      return 3
    }
    case 'declined':
      return 0
    case 'rotated': {
      const { account, by, old, secrets, breakage, dependents } = rotated
      const { ends: ended, next } = breakage
      const result = { tenant: tenant.spec.tenant, ok: true, account, by, old, secrets, ended, dependents, next }
      print(io, options.output, result, () => renderRotated(rotated, io))
      return 0
    }
  }
}

function renderRotated({ account, setter, old, secrets, breakage }: Rotated & { kind: 'rotated' }, io: CommandContext) {
  const before = old.includes('refused') ? 'the old one is refused' : 'the old one was not known here'
  const next = breakage.next.map((line) => `${line}\n`).join('')
  return `${paint(io, 'green', success.rotate(account))}, set by ${setter}; ${before}\n${secrets.map((path) => `  ${path}\n`).join('')}${next}`
}
