import type { GateContext } from '../onboarding/gate.ts'
import { compareQuota, quotasOf } from '../onboarding/quota.ts'
import { projectOf } from '../onboarding/stages/accounts.ts'
import { quotaTable } from '../openstack/quotas.ts'
import { refusalOf } from '../openstack/session.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { TenantProject } from '../tenant/tenant.ts'

/**
 * The quotas as the tenant reads them itself. The operator sets them once the project exists, so a difference is
 * reported and stops nothing.
 */
export async function checkOwnQuotas(context: GateContext): Promise<void> {
  await Promise.all(context.tenant.projects.map((project) => checkProject(context, project)))
}

async function checkProject(context: GateContext, project: TenantProject): Promise<void> {
  const { tenant, known, sessions, read, record } = context
  // if the account's data directory is lost, the next step reports it
  const creator = await sessions.at({ actor: 'creator', project })
  if (creator === undefined || !(await signsIn(creator))) return
  const { id } = known.need(projectOf(tenant, project))
  for (const { service, wanted, name } of quotasOf(project, projectOf(tenant, project))) {
    const quota = await read({ actor: 'creator', project }, async (session) => {
      try {
        return await quotaTable[service].read(session, id)
      } catch (error) {
        // each service's policy decides whether a project reads its own quota; on the lab all five allow it
        if (refusalOf(error) === 403 || refusalOf(error) === 404) return undefined
        throw error
      }
    })
    if (quota.value === undefined) {
      quota.claim(`${name} is not shown to the tenant`, true, null, 'perimeter')
      continue
    }
    const { found, isAsAsked } = compareQuota(wanted, quota.value)
    if (isAsAsked) quota.claim(`${name} is as in the tenant file`, true, found)
    else {
      quota.claim(`${name} is read, and differs from the tenant file`, true, found)
      record(
        [],
        [
          {
            code: 'accept/quota-not-set',
            severity: 'warning',
            where: name,
            message: `is ${JSON.stringify(found)}, and the tenant file says ${JSON.stringify(wanted)}`,
            remedy: 'ask your operator to run `tenant-onboard apply` once more: the project exists now',
            owner: 'operator',
          },
        ],
      )
    }
  }
}
