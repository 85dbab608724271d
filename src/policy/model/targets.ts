/**
 * The meaning of `%(key)s`: for each action the keys in Keystone's policy target, and who decides their values. Read
 * from keystone/api/*.py and keystone/common/rbac_enforcer/enforcer.py (enforce_call) of unmaintained/zed to
 * stable/2025.1; compared with targets captured on 2024.1 below and above OSSA-2026-015, and in the lab with those of
 * Debian's 22 and 27. An action that is missing here is unknown, and has no answer.
 */
import { hasFix, isSince, packageOf } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'

export type TargetKey = {
  /** `domain_id`, or `target.user.*` for every attribute of an object. */
  readonly key: string
  readonly by: TargetAuthor
  readonly when: TargetPresence
  /** May be None even if it is present, and then equals a None of the credentials. */
  readonly isNullable?: true
}

/**
 * - `database`: the stored object of the request
 * - `url`: the path; the caller chooses it, but it names the object of the request
 * - `body`, `filter`: chosen freely by the caller
 * - `token`: the caller's own token
 * - `subject-token`: the owner of the token in X-Subject-Token: the caller may send its own, or a stolen one
 */
export type TargetAuthor = 'database' | 'url' | 'body' | 'filter' | 'token' | 'subject-token'

/** `found`: if the object exists. `given`: if the caller sends it. */
export type TargetPresence = 'always' | 'found' | 'given' | 'domain-scoped' | 'not-system-scoped'

export type Target = {
  /** One for each form of the request: a grant is to a user or to a group, on a project or on a domain. */
  readonly shapes: readonly (readonly TargetKey[])[]
  /**
   * Below OSSA-2026-015 the body is merged over everything else: a caller may set any key, `target.` included, in any
   * request that this action guards.
   */
  readonly isForgeable: boolean
}

/** `undefined` for an action with an unknown target. */
export function targetOf(release: KeystoneRelease, action: string): Target | undefined {
  const shapes = shapesOf(release).get(action)
  if (shapes === undefined) return undefined
  const isSeparate = hasFix(release, 'ossa-2026-015')
  return { shapes: isSeparate ? shapes.map((keys) => [...keys, ...anyBody]) : shapes, isForgeable: !isSeparate }
}

/**
 * Every request may have a JSON body, also a DELETE and a PUT whose handler reads none. keystone 22.0.2 and 30.0.0,
 * keystone/common/rbac_enforcer/enforcer.py, enforce_call: `get_json(force=True, silent=True)` under `request_body`.
 * Filters are only those that the handler names: _extract_filter_values.
 */
const anyBody: readonly TargetKey[] = ['request_body.*', 'request_body'].map((key) => ({
  key,
  by: 'body',
  when: 'given',
  isNullable: true,
}))

/**
 * The member of the body that the handler of this action reads; `undefined` if it reads none. From 27 (2025.1) on a
 * schema refuses every other one before the policy is asked: keystone 27.1.0, keystone/api/validation/__init__.py,
 * request_body_schema, and `additionalProperties: False` of the schemas. A handler without a body has no schema there.
 */
export function schemaMembers(release: KeystoneRelease, action: string): readonly string[] | undefined {
  if (!validatesFirst(release)) return undefined
  const members = (shapesOf(release).get(action) ?? []).flat().flatMap(({ key, by }) => {
    const member = by === 'body' ? /^(?:request_body|target)\.(\w+)/.exec(key)?.[1] : undefined
    return member === undefined ? [] : [member]
  })
  const ofCloud = /^identity:(?:create|update)_(\w+)$/.exec(action)?.[1]
  if (members.length === 0) return ofCloud !== undefined && cloudWide.has(ofCloud) ? [ofCloud] : undefined
  return [...new Set(members)]
}

/** What the whole cloud uses: their targets are not modelled, but their bodies have a schema. */
const cloudWide: ReadonlySet<string> = new Set([
  ...['region', 'service', 'endpoint', 'policy', 'mapping', 'identity_provider', 'protocol', 'service_provider'],
  ...['endpoint_group', 'consumer', 'registered_limit', 'registered_limits', 'limit', 'limits'],
])

/**
 * A body is checked by its schema before the policy is asked. keystone 27.0.0, keystone/api/domains.py,
 * `@validation.request_body_schema` on the handlers; 26 validates inside of them.
 */
export function validatesFirst(release: Pick<KeystoneRelease, 'name'>): boolean {
  return isSince(release, '2025.1')
}

/**
 * The list of assignments below a project has the project's domain in its target: keystone 23.0.2 and 24.1.0,
 * api/role_assignments.py, the same packages as those with LP#2041611 (both came with the secure defaults).
 */
export function fillsTreeDomain({ name }: Pick<KeystoneRelease, 'name'>): boolean {
  return packageOf(name).fixes.includes('lp-2041611')
}

export function knownActions(release: KeystoneRelease): readonly string[] {
  return [...shapesOf(release).keys()]
}

/** The keys of all shapes that may include this one: `target.user.domain_id` is found under `target.user.*`. */
export function findTargetKeys(target: Target, key: string): readonly TargetKey[] {
  return target.shapes.flat().filter((known) => isUnder(key, known.key))
}

function isUnder(key: string, pattern: string): boolean {
  return pattern.endsWith('.*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern
}

type Shape = readonly TargetKey[]

const known = new Map<string, ReadonlyMap<string, readonly Shape[]>>()

function shapesOf(release: KeystoneRelease): ReadonlyMap<string, readonly Shape[]> {
  const id = [release.name, ...release.fixes].join(' ')
  const shapes = known.get(id) ?? new Map(Object.entries(createShapes(release)))
  known.set(id, shapes)
  return shapes
}

function url(...keys: readonly string[]): Shape {
  return keys.map((key) => ({ key, by: 'url', when: 'always' }))
}

/** A stored object, flattened. The attributes that may be None come first. */
function stored(member: string, when: 'always' | 'found' = 'found'): Shape {
  const nullable = {
    project: ['domain_id', 'parent_id'],
    role: ['domain_id'],
    credential: ['project_id'],
    prior_role: ['domain_id'],
    implied_role: ['domain_id'],
  }
  const attributes = Object.entries(nullable).find(([name]) => name === member)?.[1] ?? []
  return [
    ...attributes.map((name): TargetKey => ({
      key: `target.${member}.${name}`,
      by: 'database',
      when,
      isNullable: true,
    })),
    { key: `target.${member}.*`, by: 'database', when },
  ]
}

/** The body is the object that is about to be made, at every level. */
function proposed(member: string): Shape {
  return [{ key: `target.${member}.*`, by: 'body', when: 'given', isNullable: true }]
}

/** Only if an operation builds no target of its own. */
const subject: Shape = [
  { key: 'target.token.user_id', by: 'subject-token', when: 'given' },
  { key: 'target.token.user.domain.id', by: 'subject-token', when: 'given' },
]

const ownSubject: Shape = subject.map((key) => ({ ...key, when: 'always' }))

function fromToken(key: string): TargetKey {
  return { key, by: 'token', when: 'domain-scoped' }
}

function createShapes(release: KeystoneRelease): Readonly<Record<string, readonly Shape[]>> {
  const isPatched = hasFix(release, 'ossa-2026-015')
  const isNative = isSince(release, '2024.2')

  function body(member: string): Shape {
    return [{ key: `${isPatched ? 'request_body.' : ''}${member}.*`, by: 'body', when: 'given', isNullable: true }]
  }

  /** A member of the body that is not an object: one key. */
  function bodyKey(name: string): Shape {
    return [{ key: `${isPatched ? 'request_body.' : ''}${name}`, by: 'body', when: 'given', isNullable: true }]
  }

  function filters(...names: readonly string[]): Shape {
    return names.map((name) => ({ key: `${isPatched ? 'filter_attr.' : ''}${name}`, by: 'filter', when: 'given' }))
  }

  const user = [...url('user_id'), ...stored('user')]
  const project = [...url('project_id'), ...stored('project')]
  const group = [...url('group_id'), ...stored('group')]
  const role = [...url('role_id'), ...stored('role'), ...subject]
  const tag = [[...project, ...url('value')]]
  const membership = [[...url('group_id', 'user_id'), ...stored('group'), ...stored('user')]]
  const trust = [...url('trust_id'), ...stored('trust', 'always')]
  const credential = [...url('credential_id'), ...stored('credential')]
  const implied = [
    [
      ...url('prior_role_id', 'implied_role_id'),
      ...stored('prior_role', 'always'),
      ...stored('implied_role', 'always'),
    ],
  ]
  const assignments = [
    'group.id',
    'role.id',
    'scope.domain.id',
    'scope.project.id',
    'scope.OS-INHERIT:inherited_to',
    'user.id',
  ]
  const domain = [...url('domain_id'), ...stored('domain')]

  const accessToken = [...url('user_id', 'access_token_id'), ...subject]
  const configs = [url('domain_id'), url('domain_id', 'group'), url('domain_id', 'group', 'option')]

  /** To a user or to a group, on a project or on a domain. */
  const grants = ['user', 'group'].flatMap((whom) =>
    ['project', 'domain'].map((on) => [
      ...url(`${whom}_id`, `${on}_id`),
      ...stored(whom, 'always'),
      ...stored(on, 'always'),
    ]),
  )
  const roleGrants = grants.map((shape) => [...shape, ...url('role_id'), ...stored('role', 'always')])
  // a revocation may name deleted accounts
  const revocations = roleGrants.map((shape) =>
    shape.map((key): TargetKey => (/^target\.(?:user|group)\./.test(key.key) ? { ...key, when: 'found' } : key)),
  )

  return {
    'identity:list_domains': [
      [
        ...(hasFix(release, 'lp-2041611') ? [fromToken('target.domain.id')] : []),
        ...filters('name', 'enabled'),
        ...subject,
      ],
    ],
    'identity:get_domain': [domain],
    'identity:create_domain': [[...body('domain'), ...subject]],
    'identity:update_domain': [[...domain, ...body('domain'), ...subject]],
    'identity:delete_domain': [[...domain, ...subject]],

    'identity:list_projects': [
      [fromToken('target.domain_id'), ...filters('domain_id', 'enabled', 'name', 'parent_id', 'is_domain'), ...subject],
    ],
    'identity:get_project': [project],
    'identity:create_project': [[...proposed('project'), ...body('project')]],
    'identity:update_project': [[...project, ...body('project')]],
    'identity:delete_project': [project],
    'identity:list_user_projects': [[...user, ...filters('domain_id', 'enabled', 'name')]],
    'identity:list_project_tags': [project],
    'identity:update_project_tags': [[...project, ...bodyKey('tags')]],
    'identity:delete_project_tags': [project],
    'identity:get_project_tag': tag,
    'identity:create_project_tag': tag,
    'identity:delete_project_tag': tag,

    'identity:list_users': [
      [
        fromToken('target.domain_id'),
        ...filters('domain_id', 'enabled', 'idp_id', 'name', 'protocol_id', 'unique_id', 'password_expires_at'),
        ...subject,
      ],
    ],
    'identity:get_user': [user],
    'identity:create_user': [[...proposed('user'), ...body('user')]],
    'identity:update_user': [[...user, ...body('user')]],
    'identity:delete_user': [user],
    // keystone 30.0.0, api/users.py
    ...(isSince(release, '2026.2') ? { 'identity:revoke_tokens_for_user': [user] } : {}),

    'identity:list_groups': [[fromToken('target.group.domain_id'), ...filters('domain_id', 'name'), ...subject]],
    'identity:get_group': [group],
    'identity:create_group': [[...proposed('group'), ...body('group')]],
    'identity:update_group': [[...group, ...body('group')]],
    'identity:delete_group': [[...group, ...subject]],
    'identity:list_groups_for_user': [[...user, ...filters('name')]],
    'identity:list_users_in_group': [[...group, ...filters('domain_id', 'enabled', 'name', 'password_expires_at')]],
    'identity:add_user_to_group': membership,
    'identity:check_user_in_group': membership,
    'identity:remove_user_from_group': membership,

    'identity:list_roles': [[...filters('name', 'domain_id'), ...subject]],
    'identity:get_role': [role],
    'identity:create_role': [[...body('role'), ...subject]],
    'identity:update_role': [[...role, ...body('role')]],
    'identity:delete_role': [role],
    'identity:list_domain_roles': [[...filters('name', 'domain_id'), ...subject]],
    'identity:get_domain_role': [role],
    // keystone 69d1897d0, which made the domain manager native, added a target for it.
    'identity:create_domain_role': [[...(isNative ? proposed('role') : subject), ...body('role')]],
    'identity:update_domain_role': [[...role, ...body('role')]],
    'identity:delete_domain_role': [role],
    'identity:list_implied_roles': [[...url('prior_role_id'), ...stored('prior_role', 'always')]],
    'identity:get_implied_role': implied,
    'identity:check_implied_role': implied,
    'identity:create_implied_role': implied,
    'identity:delete_implied_role': implied,

    'identity:check_grant': roleGrants,
    'identity:create_grant': roleGrants,
    'identity:revoke_grant': revocations,
    'identity:list_grants': grants,
    'identity:list_system_grants_for_user': [user],
    'identity:check_system_grant_for_user': [[...user, ...url('role_id'), ...stored('role', 'always')]],
    'identity:create_system_grant_for_user': [[...user, ...url('role_id'), ...stored('role', 'always')]],
    'identity:revoke_system_grant_for_user': [[...user, ...url('role_id'), ...stored('role', 'always')]],
    'identity:list_system_grants_for_group': [group],
    'identity:check_system_grant_for_group': [[...group, ...url('role_id'), ...stored('role', 'always')]],
    'identity:create_system_grant_for_group': [[...group, ...url('role_id'), ...stored('role', 'always')]],
    'identity:revoke_system_grant_for_group': [[...group, ...url('role_id'), ...stored('role', 'always')]],
    'identity:list_role_assignments': [
      [fromToken('target.domain_id'), ...filters(...assignments, 'scope.system'), ...subject],
    ],
    // The project in the filter; newer handlers add its domain.
    'identity:list_role_assignments_for_tree': [
      [
        ...stored('project'),
        ...(fillsTreeDomain(release)
          ? [{ key: 'target.domain_id', by: 'database', when: 'found', isNullable: true } as const]
          : []),
        ...filters(...assignments),
        ...subject,
      ],
    ],

    'identity:create_trust': [
      [...(isPatched ? proposed('trust') : []), ...body('trust'), ...(isPatched ? [] : subject)],
    ],
    'identity:list_trusts': [subject],
    'identity:list_trusts_for_trustor': [[{ key: 'target.trust.trustor_user_id', by: 'filter', when: 'always' }]],
    'identity:list_trusts_for_trustee': [[{ key: 'target.trust.trustee_user_id', by: 'filter', when: 'always' }]],
    'identity:get_trust': [trust],
    'identity:delete_trust': [trust],
    'identity:list_roles_for_trust': [trust],
    'identity:get_role_for_trust': [[...trust, ...url('role_id')]],

    'identity:list_application_credentials': [[...url('user_id'), ...filters('name'), ...subject]],
    'identity:create_application_credential': [[...url('user_id'), ...body('application_credential'), ...subject]],
    // The user id in the path is replaced by that of the credential's owner.
    'identity:get_application_credential': [ownersCredential],
    'identity:delete_application_credential': [ownersCredential],
    'identity:list_access_rules': [[...user, ...filters('service', 'path', 'method')]],
    'identity:get_access_rule': [[...user, ...url('access_rule_id')]],
    'identity:delete_access_rule': [[...user, ...url('access_rule_id')]],

    'identity:list_credentials': [
      [
        { key: 'target.credential.user_id', by: 'token', when: 'not-system-scoped' },
        ...filters('user_id', 'type'),
        ...subject,
      ],
    ],
    'identity:get_credential': [credential],
    'identity:create_credential': [[...proposed('credential'), ...body('credential')]],
    // Checked twice: on the stored object, then on the changed one.
    'identity:update_credential': [[...credential, ...body('credential')]],
    'identity:delete_credential': [credential],
    'identity:ec2_list_credentials': [[...url('user_id'), ...subject]],
    'identity:ec2_create_credential': [
      [...url('user_id'), { key: 'target.credential.user_id', by: 'url', when: 'always' }, ...bodyKey('tenant_id')],
    ],
    'identity:ec2_get_credential': [[...url('user_id'), ...url('credential_id'), ...stored('credential', 'always')]],
    'identity:ec2_delete_credential': [[...url('user_id'), ...url('credential_id'), ...stored('credential', 'always')]],

    // keystone 26.1.0 and 30.0.0, api/ec2tokens.py and s3tokens.py: `enforce_call(action=..)` without a target
    ...(hasFix(release, 'ossa-2025-002')
      ? {
          'identity:ec2tokens_validate': [[...body('credentials'), ...body('ec2Credentials'), ...subject]],
          'identity:s3tokens_validate': [[...body('credentials'), ...subject]],
        }
      : {}),

    'identity:validate_token': [ownSubject],
    'identity:check_token': [ownSubject],
    'identity:revoke_token': [ownSubject],

    // keystone/api/users.py, OAuth1: no handler builds a target. delete_access_token is never asked: the handler asks
    // for ec2_delete_credential (22.0.2 to 30.0.0).
    'identity:list_access_tokens': [[...url('user_id'), ...subject]],
    'identity:get_access_token': [accessToken],
    'identity:delete_access_token': [accessToken],
    'identity:list_access_token_roles': [accessToken],
    'identity:get_access_token_role': [[...accessToken, ...url('role_id')]],

    // keystone/api/domains.py, DomainConfigBase: only the path, whatever domain it names.
    'identity:create_domain_config': [[...url('domain_id'), ...body('config'), ...subject]],
    'identity:update_domain_config': configs.map((keys) => [...keys, ...body('config'), ...subject]),
    'identity:delete_domain_config': configs.map((keys) => [...keys, ...subject]),
    'identity:get_domain_config': configs.map((keys) => [...keys, ...subject]),

    'identity:list_limits': [
      [...filters('service_id', 'region_id', 'resource_name', 'project_id', 'domain_id'), ...subject],
    ],
    'identity:get_limit': [[...url('limit_id'), ...stored('limit')]],
  }
}

const ownersCredential: Shape = [
  { key: 'user_id', by: 'database', when: 'always' },
  { key: 'target.user_id', by: 'database', when: 'found' },
  ...url('application_credential_id'),
]
