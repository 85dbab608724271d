import { resolve } from 'node:path'
import { audit } from '../../audit/audit.ts'
import { recordAudit } from '../../audit/recorded.ts'
import { auditJson } from '../../audit/render.ts'
import { defaultTable, extendTable } from '../../audit/role-table.ts'
import type { RoleTable } from '../../audit/role-table.ts'
import { InputError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { isBlocked } from '../../finding.ts'
import { magnumDomainAdmin, magnumDomainOf, managedRolesOf } from '../../tenant/cloud-facts.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import { cloudHomeOf } from '../../tenant/home.ts'
import { cloudOf, loadTenant } from '../tenant-command.ts'
import { renderAudit } from '../views/audit.ts'
import { connect, loadOperator, readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import { homeRoot } from '../home-root.ts'
import type { AuditOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'

/** Compares every account's roles with the expected roles, and the given tenants with their files. Read-only. */
export async function auditCommand(
  files: readonly string[],
  options: AuditOptions,
  io: CommandContext,
): Promise<number> {
  const loaded = await loadAll(files, options, io)
  const clouds = new Set(loaded.map(({ tenant }) => tenant.spec.cloud))
  if (clouds.size > 1)
    throw new InputError(`these tenants are on several clouds (${[...clouds].join(', ')}); audit one at a time`)
  const table = await tableOf(options, io)
  const [first] = loaded
  const config = await loadOperator(options, first && cloudOf(first), io)
  const root = homeRoot(options, io)
  const name = first?.tenant.spec.cloud ?? config.name
  const folders = { cloud: cloudHomeOf(root, name), tenants: loaded.map(({ home }) => home.path) }
  const cloud = await connect(config, folders, options, io)
  try {
    const facts = first?.tenant.facts ?? {}
    const result = await audit({
      operator: cloud.operator,
      tenants: loaded.map(({ tenant }) => tenant),
      table,
      managedRoles: managedRolesOf(facts),
      magnum: { domain: magnumDomainOf(facts), admin: magnumDomainAdmin },
      isPersonaNative: options.native === true,
      isDeep: options.deep === true,
      accepted: facts.accepted_findings ?? [],
    })
    if (options.record === true) {
      await cloud.keystone.remember()
      io.err(`recorded in ${await recordAudit(root, { cloud: name, at: io.now().toISOString(), ...result })}\n`)
    }
    print(io, options.output, auditJson(result), () => renderAudit(io, result))
    return isBlocked(result.findings) ? 3 : 0
  } finally {
    await cloud.close()
  }
}

/** Reports every problem of every file at once. */
async function loadAll(
  files: readonly string[],
  options: AuditOptions,
  io: CommandContext,
): Promise<readonly LoadedTenant[]> {
  const problems: Problem[] = []
  const loaded: LoadedTenant[] = []
  for (const file of files) {
    try {
      loaded.push(await loadTenant(file, options, io))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new InputError(problems)
  return loaded
}

async function tableOf({ table }: AuditOptions, io: CommandContext): Promise<RoleTable> {
  if (table === undefined) return defaultTable
  const text = await readText(resolve(io.cwd, table))
  if (text === undefined) throw new InputError(`there is no file \`${table}\``)
  return extendTable(defaultTable, table, text)
}
