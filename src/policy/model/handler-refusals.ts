/**
 * What Keystone's handlers refuse although the policy allows it, or before they ask it: a yes of the policy is then a no
 * of the request. Files are below keystone/; the requests are those of `policy matrix`, on objects as bootstrap and the
 * API make them (a domain is enabled, the roles of bootstrap are immutable, an application credential is restricted).
 */
import { hasFix } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { adminRoleNames } from './cloud-facts.ts'
import type { Ask } from './operation.ts'

export type HandlerRefusal = {
  /** Of the answer. */
  readonly status: 403
  readonly why: string
  /** Release, file and symbol. */
  readonly source: string
}

type Row = HandlerRefusal & {
  readonly actions: RegExp
  readonly isRefused: (ask: Ask) => boolean
  readonly isIn: (release: KeystoneRelease) => boolean
}

const always = (): boolean => true
const byApplicationCredential = ({ persona }: Ask): boolean => persona.name === 'application-credential'

const rows: readonly Row[] = [
  {
    actions: /^identity:delete_domain$/,
    isRefused: always,
    isIn: always,
    status: 403,
    why: 'a domain that is enabled cannot be deleted',
    source: '22.0.2 to 30.0.0, resource/core.py, delete_domain',
  },
  {
    actions: /^identity:delete_project$/,
    isRefused: ({ place }) => place === 'none',
    isIn: always,
    status: 403,
    why: 'the record of a domain that is enabled cannot be deleted',
    source: '22.0.2 to 30.0.0, resource/core.py, _delete_project',
  },
  {
    actions: /^identity:(?:update|delete)_role$/,
    isRefused: always,
    isIn: always,
    status: 403,
    why: 'the roles that bootstrap makes are immutable',
    source: '22.0.2 to 30.0.0, assignment/core.py, RoleManager, check_resource_immutable',
  },
  {
    actions: /^identity:create_implied_role$/,
    isRefused: ({ request, persona }) =>
      adminRoleNames({ adminRole: persona.held[0] ?? 'admin' }).some((name) =>
        request.path.endsWith(`/implies/${name}-role`),
      ),
    isIn: always,
    status: 403,
    why: 'no role may imply admin',
    source: '22.0.2 to 30.0.0, [assignment] prohibited_implied_role, assignment/core.py, create_implied_role',
  },
  {
    actions: /^identity:(?:create|delete)_trust$/,
    isRefused: byApplicationCredential,
    isIn: (release) => !hasFix(release, 'ossa-2026-015'),
    status: 403,
    why: 'a restricted application credential manages no trusts',
    source: '22.0.2 to 27.0.1, api/trusts.py, _check_unrestricted',
  },
  {
    actions: /_trusts?(?:_for_trust(?:or|ee))?$/,
    isRefused: byApplicationCredential,
    isIn: (release) => hasFix(release, 'ossa-2026-015'),
    status: 403,
    why: 'a delegated token manages no trusts',
    source: '27.0.2, api/trusts.py, _check_application_credential; 27.1.0, _check_delegated_token',
  },
  {
    actions: /^identity:(?:create|delete)_application_credential$/,
    isRefused: byApplicationCredential,
    isIn: always,
    status: 403,
    why: 'a restricted application credential manages no application credentials',
    source: '22.0.2 to 30.0.0, api/users.py, _check_unrestricted_application_credential',
  },
  {
    actions: /^identity:ec2_create_credential$/,
    isRefused: byApplicationCredential,
    isIn: (release) => hasFix(release, 'ossa-2026-005') && !hasFix(release, 'oct-2026'),
    status: 403,
    why: 'a restricted application credential makes no EC2 keys',
    source: '26.1.1, api/users.py, UserOSEC2CredentialsResourceListCreate.post',
  },
  {
    actions: /^identity:create_credential$/,
    isRefused: byApplicationCredential,
    isIn: (release) => hasFix(release, 'ossa-2026-015') && !hasFix(release, 'oct-2026'),
    status: 403,
    why: 'a delegated token makes credentials of its own project only',
    source: '27.0.2, api/credentials.py, _check_credential_project_scope',
  },
  {
    actions: /^identity:(?:ec2_\w+_credentials?|(?:create|get|update|delete|list)_credentials?)$/,
    isRefused: byApplicationCredential,
    isIn: (release) => hasFix(release, 'oct-2026'),
    status: 403,
    why: 'a delegated token touches no credentials',
    source: '30.0.0, api/credentials.py, _require_primary_auth; api/users.py, _require_primary_auth_for_ec2',
  },
]

/** The handler that refuses this request after a yes of the policy. */
export function handlerRefusalOf(ask: Ask, release: KeystoneRelease): HandlerRefusal | undefined {
  const found = rows.find(
    ({ actions, isRefused, isIn }) => actions.test(ask.operation.action) && isIn(release) && isRefused(ask),
  )
  // the words alone: a matrix is data, also for the console's worker
  return found && { status: found.status, why: found.why, source: found.source }
}
