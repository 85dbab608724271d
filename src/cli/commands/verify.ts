import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { withSubstituteManager } from '../../probes/throwaway/manager.ts'
import { InputError, StopError } from '../../errors.ts'
import { hasErrors } from '../../finding.ts'
import { renderJUnit, verificationJson } from '../../isolation/render.ts'
import { verify } from '../../isolation/verify.ts'
import type { VerifyOptions } from '../../isolation/verify.ts'
import { checkOf } from '../../onboarding/stages/preflight.ts'
import { findDomain } from '../../openstack/keystone/domains.ts'
import { openEvidence, readEvidence, requestRecord } from '../../tenant/evidence.ts'
import { custodyOf } from '../../tenant/custody.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { openProbeRuns } from '../../tenant/probe-runs.ts'
import { managedRolesOf } from '../../tenant/tenant.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../output.ts'
import type { Format } from '../output.ts'
import { renderVerification } from '../views/verify.ts'

type Options = CloudOptions & {
  readonly verbose?: true | undefined
  readonly junit?: string | undefined
  readonly output: Format
}

/** Attacks the isolation of a tenant from all sides. Removes everything that it makes. */
export async function verifyCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const cloud = await openCloud(loaded, options, io)
  try {
    const lock = await acquireLock(loaded.home.path, `verify, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      await makeHome(loaded.home)
      return await attack(loaded, cloud, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

async function attack(loaded: LoadedTenant, cloud: OpenCloud, options: Options, io: CommandContext): Promise<number> {
  const { tenant, home } = loaded
  const name = tenant.spec.tenant
  const domain = await findDomain(cloud.operator, tenant.names.domain)
  if (domain === undefined)
    throw new InputError(`there is no domain \`${tenant.names.domain}\` yet; \`apply\` makes it`)
  const custody = custodyOf(await readEvidence(home.evidence))
  if (custody.kind === 'handed over') {
    io.err(
      `${name} holds its own credentials since ${custody.at.slice(0, 10)}: a throwaway domain with its own manager is tested in its place\n`,
    )
    const from = { operator: cloud.operator, open: cloud.open, random: randomBytes, now: io.now }
    return withSubstituteManager(from, (substitute) =>
      attackAs({ ...substitute, workers: [] }, loaded, cloud, options, io),
    )
  }
  const manager = await cloud.sessions.at({ actor: 'manager' })
  if (manager === undefined)
    throw new StopError('the domain manager cannot sign in here: its secret is not in the data directory')
  const [project] = tenant.projects
  const workers = await Promise.all([
    cloud.sessions.at({ actor: 'creator', project }),
    cloud.sessions.at({ actor: 'automation', project }),
  ])
  const own = { manager, domainId: domain.id, workers: workers.filter((session) => session !== undefined) }
  return attackAs(own, loaded, cloud, options, io)
}

async function attackAs(
  { manager, domainId, workers }: Pick<VerifyOptions, 'manager' | 'workers'> & { readonly domainId: string },
  { tenant, home }: LoadedTenant,
  cloud: OpenCloud,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const name = tenant.spec.tenant
  const verification = await verify({
    operator: cloud.operator,
    manager,
    workers,
    tenant: { name, domainId },
    open: cloud.open,
    managedRoles: managedRolesOf(tenant),
    random: randomBytes,
    now: io.now,
    runs: await openProbeRuns(home),
  })
  const { results, findings, milliseconds } = verification
  const isConfined = !hasErrors(findings)
  const evidence = await openEvidence(home.evidence, io.now)
  await evidence.append({
    kind: 'gate',
    stage: 'isolation',
    gate: 'complete',
    ok: isConfined,
    digests: cloud.digests,
    checks: results.map(checkOf),
    findings,
    serverTime: cloud.exchanges.findLast(({ date }) => date !== undefined)?.date,
    milliseconds,
    requests: cloud.exchanges.map(requestRecord),
  })
  if (options.junit !== undefined) await writeFile(resolve(io.cwd, options.junit), renderJUnit(name, verification))
  if (options.output === 'json') print(io, 'json', verificationJson(name, verification), () => '')
  else io.out(renderVerification(io, name, verification, options.verbose === true))
  return isConfined ? 0 : 3
}
