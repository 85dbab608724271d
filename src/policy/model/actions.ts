/**
 * What each action of Keystone is about, for the claims that need no target. An action that is not here is not modelled:
 * `test/policy/actions.test.ts` fails for one that a release registers, and the prover says `not shown`.
 *
 * Read from keystone/api/*.py and keystone/common/policies/*.py of 22.0.2, 25.0.0, 27.1.0 and 30.0.0; each group names
 * its handlers.
 */
export type ActionClass = {
  /**
   * - `own`: only what belongs to the caller's own token
   * - `domain`: something in a domain, or the domain itself; the claims compare its domain
   * - `user`: something that belongs to one account; `owners` are the target keys with its user
   * - `cloud`: what the whole cloud uses
   */
  readonly of: 'own' | 'domain' | 'user' | 'cloud'
  readonly does: 'read' | 'write'
  /** It makes or changes a credential, or shows one. */
  readonly credential?: 'makes' | 'reveals'
  /** It ends a session, or what keeps one alive. */
  readonly endsSession?: true
  /** The target keys with the users that may do it. */
  readonly owners?: readonly string[]
  /** The module of keystone/api. */
  readonly handler: string
}

export function classOf(action: string): ActionClass | undefined {
  return classes.get(action)
}

type Group = ActionClass & { readonly actions: string }

const ofUrl = { of: 'user', owners: ['user_id'] } as const
const ofCredential = { of: 'user', owners: ['target.credential.user_id'] } as const
const ofTrust = { of: 'user', owners: ['target.trust.trustor_user_id', 'target.trust.trustee_user_id'] } as const
const ofToken = { of: 'user', owners: ['target.token.user_id'] } as const

const groups: readonly Group[] = [
  // What the token itself may do: `/v3/auth/*` answers for the caller.
  { of: 'own', does: 'read', handler: 'auth.py', actions: 'get_auth_catalog get_auth_domains get_auth_projects' },
  {
    of: 'own',
    does: 'read',
    handler: 'auth.py',
    actions: 'get_auth_system list_domains_for_user list_projects_for_user',
  },
  // The handler asks again for each credential: list_credentials, credentials.py, _list_credentials.
  { of: 'own', does: 'read', handler: 'credentials.py', actions: 'list_credentials' },
  // The handler compares the trustor with the token; the claim `trusts` is about it: trusts.py, TrustsResource.post.
  { of: 'own', does: 'write', handler: 'trusts.py', actions: 'create_trust' },
  // For the caller and with its roles: os_oauth1.py, AuthorizeResource.put.
  { of: 'own', does: 'write', handler: 'os_oauth1.py', actions: 'authorize_request_token' },
  // Whatever the policy says, for the caller only: users.py, UserAppCredListCreateResource.post.
  { of: 'own', does: 'write', handler: 'users.py', actions: 'create_application_credential' },
  // Never asked: the handler asks for ec2_delete_credential (OAuth1AccessTokenCRUDResource.delete).
  { of: 'own', does: 'write', handler: 'users.py', actions: 'delete_access_token' },
  // A list of what was revoked, without owners, which is empty since tokens are not PKI.
  { of: 'cloud', does: 'read', handler: 'auth.py', actions: 'revocation_list' },

  { of: 'domain', does: 'read', handler: 'domains.py', actions: 'list_domains get_domain' },
  // `create_domain` and the like are claims of their own: domain-records, domain-admin.
  { of: 'domain', does: 'write', handler: 'domains.py', actions: 'create_domain update_domain delete_domain' },
  {
    of: 'domain',
    does: 'read',
    handler: 'projects.py',
    actions: 'list_projects get_project list_user_projects list_project_tags get_project_tag',
  },
  {
    of: 'domain',
    does: 'write',
    handler: 'projects.py',
    actions:
      'create_project update_project delete_project update_project_tags delete_project_tags create_project_tag delete_project_tag',
  },
  { of: 'domain', does: 'read', handler: 'users.py', actions: 'list_users get_user list_groups_for_user' },
  { of: 'domain', does: 'write', handler: 'users.py', actions: 'create_user update_user delete_user' },
  {
    of: 'domain',
    does: 'read',
    handler: 'groups.py',
    actions: 'list_groups get_group list_users_in_group check_user_in_group',
  },
  {
    of: 'domain',
    does: 'write',
    handler: 'groups.py',
    actions: 'create_group update_group delete_group add_user_to_group remove_user_from_group',
  },
  { of: 'domain', does: 'read', handler: 'projects.py, domains.py, os_inherit.py', actions: 'check_grant list_grants' },
  {
    of: 'domain',
    does: 'write',
    handler: 'projects.py, domains.py, os_inherit.py',
    actions: 'create_grant revoke_grant',
  },
  {
    of: 'domain',
    does: 'read',
    handler: 'role_assignments.py',
    actions: 'list_role_assignments list_role_assignments_for_tree',
  },
  { of: 'domain', does: 'read', handler: 'roles.py', actions: 'list_domain_roles get_domain_role' },
  {
    of: 'domain',
    does: 'write',
    handler: 'roles.py',
    actions: 'create_domain_role update_domain_role delete_domain_role',
  },
  { of: 'domain', does: 'read', handler: 'limits.py', actions: 'list_limits get_limit' },

  {
    of: 'cloud',
    does: 'read',
    handler: 'roles.py',
    actions: 'list_roles get_role list_implied_roles get_implied_role',
  },
  { of: 'cloud', does: 'read', handler: 'roles.py', actions: 'check_implied_role list_role_inference_rules' },
  { of: 'cloud', does: 'write', handler: 'roles.py', actions: 'create_role update_role delete_role' },
  { of: 'cloud', does: 'write', handler: 'roles.py', actions: 'create_implied_role delete_implied_role' },
  ...(['user', 'group'] as const).flatMap((whom): readonly Group[] => [
    {
      of: 'cloud',
      does: 'read',
      handler: 'system.py',
      actions: `list_system_grants_for_${whom} check_system_grant_for_${whom}`,
    },
    {
      of: 'cloud',
      does: 'write',
      handler: 'system.py',
      actions: `create_system_grant_for_${whom} revoke_system_grant_for_${whom}`,
    },
  ]),
  ...(
    [
      ['regions.py', 'region', 'regions'],
      ['services.py', 'service', 'services'],
      ['endpoints.py', 'endpoint', 'endpoints'],
      ['policy.py', 'policy', 'policies'],
      ['os_federation.py', 'mapping', 'mappings'],
      ['os_federation.py', 'identity_provider', 'identity_providers'],
      ['os_federation.py', 'protocol', 'protocols'],
      ['os_federation.py', 'service_provider', 'service_providers'],
      ['os_ep_filter.py', 'endpoint_group', 'endpoint_groups'],
    ] as const
  ).flatMap(([handler, one, many]): readonly Group[] => [
    { of: 'cloud', does: 'read', handler, actions: `list_${many} get_${one}` },
    { of: 'cloud', does: 'write', handler, actions: `create_${one} update_${one} delete_${one}` },
  ]),
  // Whoever knows a consumer's secret asks for access tokens in its name.
  { of: 'cloud', does: 'read', handler: 'os_oauth1.py', actions: 'list_consumers get_consumer' },
  { of: 'cloud', does: 'write', handler: 'os_oauth1.py', actions: 'create_consumer update_consumer delete_consumer' },
  { of: 'cloud', does: 'read', handler: 'os_revoke.py', actions: 'list_revoke_events' },
  {
    of: 'cloud',
    does: 'read',
    handler: 'registered_limits.py, limits.py',
    actions: 'list_registered_limits get_registered_limit get_limit_model',
  },
  {
    of: 'cloud',
    does: 'write',
    handler: 'registered_limits.py, limits.py',
    actions:
      'create_registered_limits update_registered_limit delete_registered_limit create_limits update_limit delete_limit',
  },
  // A domain's configuration names its LDAP server and password, and the handler takes any domain of the path.
  { of: 'cloud', does: 'read', credential: 'reveals', handler: 'domains.py', actions: 'get_domain_config' },
  {
    of: 'cloud',
    does: 'read',
    handler: 'domains.py',
    actions: 'get_domain_config_default get_security_compliance_domain_config',
  },
  {
    of: 'cloud',
    does: 'write',
    handler: 'domains.py',
    actions: 'create_domain_config update_domain_config delete_domain_config',
  },
  ...['endpoint', 'service', 'region_and_service'].flatMap((what): readonly Group[] => [
    { of: 'cloud', does: 'read', handler: 'policy.py', actions: `check_policy_association_for_${what}` },
    {
      of: 'cloud',
      does: 'write',
      handler: 'policy.py',
      actions: `create_policy_association_for_${what} delete_policy_association_for_${what}`,
    },
  ]),
  {
    of: 'cloud',
    does: 'read',
    handler: 'endpoints.py, policy.py',
    actions: 'get_policy_for_endpoint list_endpoints_for_policy',
  },
  {
    of: 'cloud',
    does: 'read',
    handler: 'os_ep_filter.py',
    actions:
      'list_projects_for_endpoint check_endpoint_in_project list_endpoints_for_project list_endpoint_groups_for_project list_projects_associated_with_endpoint_group list_endpoints_associated_with_endpoint_group get_endpoint_group_in_project',
  },
  {
    of: 'cloud',
    does: 'write',
    handler: 'os_ep_filter.py',
    actions:
      'add_endpoint_to_project remove_endpoint_from_project add_endpoint_group_to_project remove_endpoint_group_from_project',
  },

  { ...ofCredential, does: 'read', credential: 'reveals', handler: 'credentials.py', actions: 'get_credential' },
  {
    ...ofCredential,
    does: 'write',
    credential: 'makes',
    handler: 'credentials.py',
    actions: 'create_credential update_credential',
  },
  { ...ofCredential, does: 'write', endsSession: true, handler: 'credentials.py', actions: 'delete_credential' },
  { ...ofUrl, does: 'read', credential: 'reveals', handler: 'users.py', actions: 'ec2_list_credentials' },
  { ...ofUrl, does: 'write', credential: 'makes', handler: 'users.py', actions: 'ec2_create_credential' },
  { ...ofCredential, does: 'read', credential: 'reveals', handler: 'users.py', actions: 'ec2_get_credential' },
  // Also asked for by DELETE of an access token.
  { ...ofCredential, does: 'write', endsSession: true, handler: 'users.py', actions: 'ec2_delete_credential' },
  {
    ...ofUrl,
    does: 'read',
    credential: 'reveals',
    handler: 'users.py',
    actions: 'list_application_credentials get_application_credential',
  },
  { ...ofUrl, does: 'write', endsSession: true, handler: 'users.py', actions: 'delete_application_credential' },
  { ...ofUrl, does: 'read', handler: 'users.py', actions: 'list_access_rules get_access_rule' },
  { ...ofUrl, does: 'write', handler: 'users.py', actions: 'delete_access_rule' },
  {
    ...ofUrl,
    does: 'read',
    credential: 'reveals',
    handler: 'users.py',
    actions: 'list_access_tokens get_access_token list_access_token_roles get_access_token_role',
  },
  { ...ofUrl, does: 'write', endsSession: true, handler: 'users.py (30)', actions: 'revoke_tokens_for_user' },

  { ...ofTrust, does: 'read', handler: 'trusts.py', actions: 'get_trust list_roles_for_trust get_role_for_trust' },
  // The caller chooses the user in the query, so the policy compares it: trusts.py, TrustsResource.get.
  {
    of: 'user',
    owners: ['target.trust.trustor_user_id'],
    does: 'read',
    handler: 'trusts.py',
    actions: 'list_trusts_for_trustor',
  },
  {
    of: 'user',
    owners: ['target.trust.trustee_user_id'],
    does: 'read',
    handler: 'trusts.py',
    actions: 'list_trusts_for_trustee',
  },
  { of: 'cloud', does: 'read', handler: 'trusts.py', actions: 'list_trusts' },
  { ...ofTrust, does: 'write', endsSession: true, handler: 'trusts.py', actions: 'delete_trust' },

  // The caller has the token already, so reading it reveals nothing.
  { ...ofToken, does: 'read', handler: 'auth.py', actions: 'validate_token check_token' },
  { ...ofToken, does: 'write', endsSession: true, handler: 'auth.py', actions: 'revoke_token' },
  // A token for a signature: the claim `no-escalation` is about both. OSSA-2025-002.
  { of: 'cloud', does: 'read', handler: 'ec2tokens.py, s3tokens.py', actions: 'ec2tokens_validate s3tokens_validate' },
]

const classes: ReadonlyMap<string, ActionClass> = new Map(
  groups.flatMap(({ actions, ...itself }) => actions.split(' ').map((name) => [`identity:${name}`, itself] as const)),
)
