/** Reads after a freeze whether a quota leaves room to grow: a service may refuse a limit, or take it and ignore it. */
import type { Finding } from '../finding.ts'
import { wantedOf } from '../onboarding/quota.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { quotaTable } from '../openstack/quotas.ts'
import type { QuotaService } from '../openstack/quotas.ts'
import { registeredOf } from '../openstack/unified-limits.ts'
import { quotaOf, quotaServicesOf, readRoom } from './quotas.ts'
import type { OffboardRun } from './run.ts'

/** `refused`: what a service answered to the limit, by the name of the quota. */
export async function findRoom(
  run: OffboardRun,
  clusterOwners: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
): Promise<readonly Finding[]> {
  const { operator, tenantState } = run
  const services = await quotaServicesOf(operator)
  const each = tenantState.projects.flatMap((project) =>
    services.map(async (service): Promise<readonly Finding[]> => {
      const keys = await readRoom(operator, service, project.id)
      if (keys.length === 0) return []
      const { name } = quotaOf(project, service)
      // where the limits are Keystone's, some have none for a project: all that they count needs what is limited
      const registered = await registeredOf(operator, service)
      const isOfCloud = (key: string): boolean =>
        registered.size > 0 && quotaTable[service].keys[key]?.registeredAs === undefined
      const left = keys.filter((key) => !isOfCloud(key))
      const needed = isNeeded(run, project, service, clusterOwners)
      return [
        ...(left.length === 0 ? [] : [notLimited(name, left, refused.get(name), service, needed)]),
        ...(left.length === keys.length ? [] : [limitedForTheCloud(name, keys.filter(isOfCloud))]),
      ]
    }),
  )
  return (await Promise.all(each)).flat()
}

/** Without a quota in the file and without a cluster, the other quotas leave Magnum nothing to make one of. */
function isNeeded(
  { tenant }: OffboardRun,
  project: Project,
  service: QuotaService,
  clusterOwners: ReadonlySet<string>,
): boolean {
  if (service !== 'container_infra' || clusterOwners.size > 0) return true
  const asked = tenant.projects.find(({ names }) => names.project === project.name)
  return asked !== undefined && Object.keys(wantedOf(asked, service)).length > 0
}

function limitedForTheCloud(quota: string, keys: readonly string[]): Finding {
  return {
    code: 'offboard/not-limited',
    severity: 'warning',
    where: `quota ${quota}`,
    message: `leaves room for more (${keys.join(', ')}): the service takes its limits from Keystone, which has these for the whole cloud only`,
    remedy: 'nothing to do: without servers they take no resources, and nobody signs in',
    owner: 'operator',
  }
}

function notLimited(
  quota: string,
  keys: readonly string[],
  refusal: string | undefined,
  service: QuotaService,
  needed: boolean,
): Finding {
  const because = refusal === undefined ? 'the service took the limit, and ignores it' : refusal
  const without = needed ? '' : '; the file asks for no cluster, and there is none'
  return {
    code: 'offboard/not-limited',
    severity: needed ? 'error' : 'warning',
    where: `quota ${quota}`,
    message: `leaves room for more (${keys.join(', ')}): ${because}${without}`,
    remedy:
      service === 'container_infra'
        ? 'Magnum looks the project up as the admin of its domain (`identity:get_project`): attach the override that `tenant-onboard policy advise` names'
        : "look in the service's log, then run the same command again",
    owner: 'operator',
  }
}
