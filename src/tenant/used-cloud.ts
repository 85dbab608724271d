import type { Auth, DomainRef, Scope, UserRef } from '../openstack/auth.ts'
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

function accountOf(auth: Auth): string {
  switch (auth.kind) {
    case 'password':
      return `${userText(auth.user)}, ${scopeText(auth.scope)}`
    case 'token':
      return `the owner of a token, ${scopeText(auth.scope)}`
    case 'application-credential':
      return 'id' in auth.credential
        ? `application credential ${auth.credential.id}`
        : `${userText(auth.credential.user)}, application credential ${auth.credential.name}`
  }
}

function userText(user: UserRef): string {
  return 'id' in user ? `user ${user.id}` : `${user.name}@${domainText(user.domain)}`
}

function scopeText(scope: Scope): string {
  switch (scope.kind) {
    case 'project':
      return 'id' in scope.project
        ? `project ${scope.project.id}`
        : `project ${scope.project.name}@${domainText(scope.project.domain)}`
    case 'domain':
      return `domain ${domainText(scope.domain)}`
    case 'system':
      return 'system'
    case 'trust':
      return `trust ${scope.trustId}`
    case 'unscoped':
      return 'no scope'
    case 'default':
      return 'its default project'
  }
}

function domainText(domain: DomainRef): string {
  return 'id' in domain ? domain.id : domain.name
}
