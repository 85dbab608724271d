/**
 * The 60 checks of the SCS scs-0302 suite, by the text that it prints, and the equivalent probes. One name occurs
 * twice: the suite tries the deletion of a group from both sides. SovereignCloudStack/standards,
 * Tests/iam/domain-manager/domain-manager-check.py
 */
import type { ProbeResult } from '../probes/claim.ts'

export type ScsVerdict = { readonly check: string; readonly probes: readonly string[]; readonly ok: boolean }

/** A check with a probe that did not run does not hold: its family ended early, because a service was silent. */
export function scsVerdicts(results: readonly Pick<ProbeResult, 'id' | 'ok'>[]): readonly ScsVerdict[] {
  const byId = new Map(results.map((result) => [result.id, result]))
  return scsChecks.map(({ check, probes }) => ({
    check,
    probes,
    ok: probes.every((id) => byId.get(id)?.ok === true),
  }))
}

export const scsChecks: readonly { readonly check: string; readonly probes: readonly string[] }[] = [
  { check: "Domain manager login for domain '<tenant>' works", probes: ['logins/manager'] },
  { check: "Domain manager login for domain '<foreign>' works", probes: ['logins/foreign-manager'] },
  { check: 'Domain manager can create user within domain', probes: ['users/create'] },
  { check: 'Domain manager can find user within domain', probes: ['users/find-by-id', 'users/list'] },
  { check: 'Domain manager can update user metadata within domain', probes: ['users/update'] },
  { check: 'Domain manager can only list users within domain', probes: ['users/list', 'users/list-others'] },
  { check: 'Domain manager can assign domain-level role to user within domain', probes: ['users/assign-domain-role'] },
  {
    check: 'Domain manager can unassign domain-level role from user within domain',
    probes: ['users/unassign-domain-role'],
  },
  { check: 'Domain manager can delete user within domain', probes: ['users/delete'] },
  { check: 'Domain manager cannot create user outside of domain scope', probes: ['users/create-without-domain'] },
  { check: 'Domain manager cannot create user in foreign domain', probes: ['users/create-foreign'] },
  { check: 'Domain manager cannot find user in foreign domain', probes: ['users/read-foreign', 'users/find-foreign'] },
  { check: 'Domain manager cannot update user in foreign domain', probes: ['users/update-foreign'] },
  { check: 'Domain manager cannot delete user in foreign domain', probes: ['users/delete-foreign'] },
  {
    check: 'Domain manager cannot assign domain-level role to user in foreign domain',
    probes: ['users/assign-foreign', 'users/assign-own-to-foreign-domain'],
  },
  {
    check: 'Domain manager cannot unassign domain-level role from user in foreign domain',
    probes: ['users/unassign-foreign'],
  },
  { check: 'Domain manager can create project within domain', probes: ['projects/create'] },
  { check: 'Domain manager can find project within domain', probes: ['projects/find', 'projects/list'] },
  { check: 'Domain manager can update project metadata within domain', probes: ['projects/update'] },
  { check: 'Domain manager can assign project-level role to user within domain', probes: ['projects/assign-role'] },
  { check: 'Domain manager can list projects for user within domain', probes: ['projects/list-of-user'] },
  {
    check: 'Domain manager can unassign project-level role from user within domain',
    probes: ['projects/unassign-role'],
  },
  { check: 'Domain manager can delete project within domain', probes: ['projects/delete'] },
  { check: 'Domain manager cannot create project outside of domain scope', probes: ['projects/create-without-domain'] },
  { check: 'Domain manager cannot create project in foreign domain', probes: ['projects/create-foreign'] },
  {
    check: 'Domain manager cannot find project in foreign domain',
    probes: ['projects/read-foreign', 'projects/find-foreign'],
  },
  { check: 'Domain manager cannot update project in foreign domain', probes: ['projects/update-foreign'] },
  { check: 'Domain manager cannot delete project in foreign domain', probes: ['projects/delete-foreign'] },
  {
    check: 'Domain manager cannot assign project-level role to user within foreign domain',
    probes: [
      'projects/assign-foreign',
      'projects/assign-own-to-foreign-project',
      'projects/assign-foreign-to-own-project',
    ],
  },
  {
    check: 'Domain manager cannot unassign project-level role from user within foreign domain',
    probes: ['projects/unassign-foreign'],
  },
  {
    check: 'Domain manager cannot list projects for user of foreign domain',
    probes: ['projects/list-of-foreign-user'],
  },
  { check: 'Domain manager cannot create group without specifying domain', probes: ['groups/create-without-domain'] },
  { check: 'Domain manager cannot create group in foreign domain', probes: ['groups/create-foreign'] },
  { check: 'Domain manager can create group within domain', probes: ['groups/create'] },
  {
    check: 'Domain manager cannot see groups of foreign domain',
    // the suite never asks for one by its id; the probe `groups/read-foreign` does
    probes: ['groups/find-foreign', 'groups/list-others'],
  },
  { check: 'Domain manager cannot update group in foreign domain', probes: ['groups/update-foreign'] },
  { check: 'Domain manager cannot delete group in foreign domain', probes: ['groups/delete-foreign'] },
  { check: 'Domain manager can use check_user_in_group within domain', probes: ['groups/check-user'] },
  {
    check: 'Domain manager cannot use check_user_in_group for user of foreign domain',
    probes: ['groups/check-foreign-user-own-group'],
  },
  {
    check: 'Domain manager cannot use check_user_in_group for group of foreign domain',
    probes: ['groups/check-own-user-foreign-group'],
  },
  {
    check: 'Domain manager cannot use check_user_in_group for user and group of foreign domain',
    probes: ['groups/check-foreign-user-foreign-group'],
  },
  { check: 'Domain manager can add user to group within domain', probes: ['groups/add-user'] },
  { check: 'Domain manager cannot add user to group of foreign domain', probes: ['groups/add-own-user-foreign-group'] },
  { check: 'Domain manager cannot add user of foreign domain to group', probes: ['groups/add-foreign-user-own-group'] },
  {
    check: 'Domain manager cannot add user to group in foreign domain',
    probes: ['groups/add-foreign-user-foreign-group'],
  },
  { check: 'Domain manager can list users for group in domain', probes: ['groups/list-users'] },
  {
    check: 'Domain manager cannot assign admin role to group on project level',
    probes: ['escalation/admin-to-group-on-project'],
  },
  {
    check: 'Domain manager cannot assign admin role to group on domain level in domain',
    probes: ['escalation/admin-to-group-on-domain'],
  },
  { check: 'Domain manager can assign domain-level role to group in domain', probes: ['groups/assign-domain-role'] },
  { check: 'Domain manager can assign project-level role to group in domain', probes: ['groups/assign-project-role'] },
  {
    check: 'Domain manager cannot unassign project-level role from group in foreign domain',
    probes: ['groups/unassign-foreign-project-role'],
  },
  {
    check: 'Domain manager cannot unassign domain-level role from group in foreign domain',
    probes: ['groups/unassign-foreign-domain-role'],
  },
  {
    check: 'Domain manager can unassign domain-level role from group in domain',
    probes: ['groups/unassign-domain-role'],
  },
  {
    check: 'Domain manager can unassign project-level role from group in domain',
    probes: ['groups/unassign-project-role'],
  },
  { check: 'Domain manager cannot list users for group in foreign domain', probes: ['groups/list-users-foreign'] },
  { check: 'Domain manager cannot remove user from group in foreign domain', probes: ['groups/remove-foreign-user'] },
  { check: 'Domain manager cannot delete group in foreign domain', probes: ['groups/delete-foreign'] },
  {
    check: 'Domain manager cannot assign project-level role to group in foreign domain',
    probes: ['groups/assign-foreign-project-role'],
  },
  {
    check: 'Domain manager cannot assign domain-level role to group in foreign domain',
    probes: ['groups/assign-foreign-domain-role'],
  },
  { check: 'Domain manager can delete group within domain', probes: ['groups/delete'] },
]
