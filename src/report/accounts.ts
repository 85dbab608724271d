import type { Actor } from '../tenant/actors.ts'
import { accountRoles, managerRole } from '../tenant/actors.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { accountOf, rolesOf } from '../onboarding/stages/accounts.ts'
import { managerGrantOf, managerOf } from '../onboarding/stages/domain.ts'
import type { ReadCheck } from './standing.ts'

/** An account of the tenant and its roles, as the cloud reports them. */
export type AccountReport = {
  readonly name: string
  readonly actor: Actor
  readonly signsInBy: string
  /** The roles that it must hold, exactly. */
  readonly asked: readonly string[]
  /** `member on project acme-prod`; absent until a gate has read it. */
  readonly direct?: readonly string[] | undefined
  /** With the roles by groups, inheritance and implication: only an operator sees all of it. */
  readonly effective?: readonly string[] | undefined
  readonly ok?: boolean | undefined
  readonly at?: string | undefined
  readonly requestIds: readonly string[]
}

export function accountsOf(tenant: Tenant, checks: readonly ReadCheck[]): readonly AccountReport[] {
  const { names, projects } = tenant
  const onProjects = projects.flatMap(({ names: { project } }) =>
    accountRoles.map((role) => `${role} on project ${project}`),
  )
  const account = (
    name: string,
    actor: Actor,
    signsInBy: string,
    asked: readonly string[],
    ids: { readonly direct: string; readonly effective: string },
  ): AccountReport => {
    const direct = latestList(checks, ids.direct)
    const effective = latestList(checks, ids.effective)
    const read = [direct, effective].flatMap((one) => one?.check ?? [])
    const [first] = read
    return {
      name,
      actor,
      signsInBy,
      asked,
      direct: direct?.list,
      effective: effective?.list,
      ok: first && read.every(({ ok }) => ok),
      at: first?.at,
      requestIds: [...new Set(read.flatMap(({ requestIds }) => requestIds))],
    }
  }
  const [project] = projects
  return [
    account(names.manager, 'manager', 'password', [`${managerRole} on domain ${names.domain}`], {
      direct: managerGrantOf(tenant).id,
      effective: managerOf(tenant).id,
    }),
    account(names.creator, 'creator', 'password, because a trust needs one', onProjects, {
      direct: rolesOf(tenant, project, 'creator').id,
      effective: accountOf(tenant, 'creator').id,
    }),
    account(names.automation, 'automation', 'application credential, unrestricted', onProjects, {
      direct: rolesOf(tenant, project, 'automation').id,
      effective: accountOf(tenant, 'automation').id,
    }),
  ]
}

function latestList(checks: readonly ReadCheck[], about: string) {
  for (const check of checks) {
    if (check.about !== about || !Array.isArray(check.value)) continue
    const list = check.value.filter((one): one is string => typeof one === 'string')
    return { check, list }
  }
  return undefined
}
