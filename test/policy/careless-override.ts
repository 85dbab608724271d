/**
 * What people write: the persona is there, and so is every hole. `rule:admin_required` undoes the confinement of a
 * charm, a reader of nothing compares None with None, and `manager` is not asked where.
 */
export const carelessOverride = `
"manages": "role:manager"
"managed": "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s"
"identity:list_domains": "rule:manages or rule:admin_required"
"identity:list_roles": "rule:manages or rule:admin_required"
"identity:create_user": "(rule:manages and token.domain.id:%(target.user.domain_id)s) or rule:admin_required"
"identity:update_user": "(rule:manages and token.domain.id:%(target.user.domain_id)s) or rule:admin_required"
"identity:delete_user": "(rule:manages and token.domain.id:%(target.user.domain_id)s) or rule:admin_required"
"identity:get_project": "(rule:manages and token.domain.id:%(target.project.domain_id)s) or (role:reader and domain_id:%(target.project.domain_id)s) or project_id:%(target.project.id)s or rule:admin_required"
"identity:create_grant": "(rule:manages and rule:managed and token.domain.id:%(target.user.domain_id)s and token.domain.id:%(target.project.domain_id)s) or rule:admin_required"
`
