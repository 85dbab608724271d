/**
 * An override that gives the domain manager what onboarding needs, on a Keystone that does not know the persona. For
 * the demo and for tests that are not about policy; `policy build` makes the one for a real cloud.
 */
export const domainManagerOverride = `
"domain_manager": "role:manager and not None:%(domain_id)s"
"managed_role": "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s or 'reader':%(target.role.name)s"
"own_project": "rule:domain_manager and domain_id:%(target.project.domain_id)s"
"own_user": "rule:domain_manager and domain_id:%(target.user.domain_id)s"
"own_group": "rule:domain_manager and domain_id:%(target.group.domain_id)s"
"own_grant": "(rule:own_user or rule:own_group) and (rule:own_project or domain_id:%(target.domain.id)s)"
"cloud_reader": "role:reader and system_scope:all"
"identity:list_roles": "rule:admin_required or rule:cloud_reader or rule:domain_manager"
"identity:get_role": "rule:admin_required or rule:cloud_reader or rule:domain_manager"
"identity:list_domains": "rule:admin_required or rule:cloud_reader or (rule:domain_manager and domain_id:%(target.domain.id)s)"
"identity:get_domain": "rule:admin_required or rule:cloud_reader or token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s"
"identity:list_users": "rule:admin_required or rule:cloud_reader or (rule:domain_manager and domain_id:%(target.domain_id)s)"
"identity:get_user": "rule:admin_required or rule:cloud_reader or rule:own_user or user_id:%(target.user.id)s"
"identity:create_user": "rule:admin_required or rule:own_user"
"identity:update_user": "rule:admin_required or rule:own_user"
"identity:delete_user": "rule:admin_required or rule:own_user"
"identity:list_projects": "rule:admin_required or rule:cloud_reader or (rule:domain_manager and domain_id:%(target.domain_id)s)"
"identity:get_project": "rule:admin_required or rule:cloud_reader or rule:own_project or project_id:%(target.project.id)s"
"identity:create_project": "rule:admin_required or rule:own_project"
"identity:update_project": "rule:admin_required or rule:own_project"
"identity:delete_project": "rule:admin_required or rule:own_project"
"identity:list_user_projects": "rule:admin_required or rule:cloud_reader or rule:own_user or user_id:%(target.user.id)s"
"identity:list_groups": "rule:admin_required or rule:cloud_reader or rule:own_group"
"identity:get_group": "rule:admin_required or rule:cloud_reader or rule:own_group"
"identity:create_group": "rule:admin_required or rule:own_group"
"identity:update_group": "rule:admin_required or rule:own_group"
"identity:delete_group": "rule:admin_required or rule:own_group"
"identity:list_users_in_group": "rule:admin_required or rule:cloud_reader or rule:own_group"
"identity:list_groups_for_user": "rule:admin_required or rule:cloud_reader or rule:own_user or user_id:%(target.user.id)s"
"identity:check_user_in_group": "rule:admin_required or rule:cloud_reader or (rule:own_group and rule:own_user)"
"identity:add_user_to_group": "rule:admin_required or (rule:own_group and rule:own_user)"
"identity:remove_user_from_group": "rule:admin_required or (rule:own_group and rule:own_user)"
"identity:list_role_assignments": "rule:admin_required or rule:cloud_reader or (rule:domain_manager and domain_id:%(target.domain_id)s)"
"identity:check_grant": "rule:admin_required or rule:cloud_reader or rule:own_grant"
"identity:list_grants": "rule:admin_required or rule:cloud_reader or rule:own_grant"
"identity:create_grant": "rule:admin_required or (rule:own_grant and rule:managed_role)"
"identity:revoke_grant": "rule:admin_required or (rule:own_grant and rule:managed_role)"
`

/** The trust rule by the target that a patched Keystone fills, and by the body that an older one laid over it. */
export const trustRuleOverride = `
"identity:create_trust": "user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s"
`
