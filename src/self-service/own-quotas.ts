import type { GateContext } from '../onboarding/gate.ts'
import { compareQuota, quotasOf } from '../onboarding/quota.ts'
import { projectOf } from '../onboarding/stages/accounts.ts'
import { quotaTable } from '../openstack/quotas.ts'
import { refusalOf } from '../openstack/session.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { TenantProject } from '../tenant/tenant.ts'

/**
 * The quotas as the tenant reads them itself. They are the operator's to set, once the project stands, so one that is not
 * as asked is told and stops nothing.
 */
export async function checkOwnQuotas(context: GateContext): Promise<void> {
  await Promise.all(context.tenant.projects.map((project) => checkProject(context, project)))
}

async function checkProject(context: GateContext, project: TenantProject): Promise<void> {
  const { tenant, known, sessions, read, record } = context
  // where the account's home is lost, that is said by what comes next
  const creator = await sessions.at({ actor: 'creator', project })
  if (creator === undefined || !(await signsIn(creator))) return
  const { id } = known.need(projectOf(tenant, project))
  for (const { service, wanted, name } of quotasOf(project, projectOf(tenant, project))) {
    const quota = await read({ actor: 'creator', project }, async (session) => {
      try {
        return await quotaTable[service].read(session, id)
      } catch (error) {
        // whether a project reads its own quota is each service's policy; on the lab all five let it
        if (refusalOf(error) === 403 || refusalOf(error) === 404) return undefined
        throw error
      }
    })
    if (quota.value === undefined) {
      quota.claim(`${name} is not shown to the tenant`, true, null, 'perimeter')
      continue
    }
    const { found, isAsAsked } = compareQuota(wanted, quota.value)
    if (isAsAsked) quota.claim(`${name} is as asked`, true, found)
    else {
      quota.claim(`${name} is read, and not yet as asked`, true, found)
      record(
        [],
        [
          {
            code: 'accept/quota-not-set',
            severity: 'warning',
            where: name,
            message: `is ${JSON.stringify(found)}, and ${JSON.stringify(wanted)} is asked for`,
            remedy: 'ask your operator to type `tenant-onboard apply` once more: the project that it is for stands now',
            owner: 'operator',
          },
        ],
      )
    }
  }
}
