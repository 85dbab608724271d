import { accountOf } from '../openstack/auth.ts'
import { regionIn } from '../openstack/catalog.ts'
import type { CloudConfig } from '../openstack/clouds.ts'
import { printable } from '../openstack/printable.ts'
import type { Token } from '../openstack/token.ts'

/** Which cloud a command works on, and as whom. Recorded with each run. */
export type UsedCloud = {
  /** Of clouds.yaml; `envvars` for the `OS_*` variables. */
  readonly entry: string
  readonly authUrl: string
  /** Absent if none was chosen and the catalog is not known. */
  readonly region?: string | undefined
  /** `admin@Default, project admin@Default`. */
  readonly account: string
}

/** As the entry says it, and as Keystone says it where a token is known: an entry may have only an id. */
export function usedCloud(
  { name, endpoint, auth }: Pick<CloudConfig, 'name' | 'endpoint' | 'auth'>,
  token: Token | undefined,
): UsedCloud {
  const { authUrl } = endpoint
  const region = regionIn(token?.catalog ?? [], endpoint)
  const account = printable(token === undefined ? accountOf(auth) : accountIn(token))
  return { entry: name, authUrl, ...(region === undefined ? {} : { region }), account }
}

/** The one line that says which cloud is meant: above plans, in questions, in `status` and in the report. */
export function cloudLine({ entry, authUrl, region, account }: UsedCloud): string {
  return `cloud ${entry} at ${authUrl}${region === undefined ? '' : `, region ${region}`}, as ${account}`
}

function accountIn(token: Token): string {
  const { userName, userDomainId, userDomainName = userDomainId, domainName, isSystem } = token
  const { projectName, projectDomainId = '', projectDomainName = projectDomainId } = token
  const user = `${userName}@${userDomainName}`
  if (projectName !== undefined) return `${user}, project ${projectName}@${projectDomainName}`
  if (domainName !== undefined) return `${user}, domain ${domainName}`
  return isSystem ? `${user}, system` : `${user}, no scope`
}
