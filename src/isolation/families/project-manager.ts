/** `manager` on a project is not a domain manager: a rule that asks for the role alone makes it one. */
import { listDomains } from '../../openstack/keystone/domains.ts'
import { createGrant, isGranted } from '../../openstack/keystone/grants.ts'
import { createProject, findProject } from '../../openstack/keystone/projects.ts'
import { createUser, findUser, listUsers, updateUser, getUser } from '../../openstack/keystone/users.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

export async function probeProjectManager(
  family: Family,
  { operator, foreign, managed, throwaways, accounts }: VerificationFixture,
): Promise<void> {
  const as = foreign.projectManager
  if (as === undefined) return
  const { domain, decoys, account } = foreign
  const common = { as, whom: 'its own domain, a throwaway', expected: 'refused', code: 'isolation/escalation' } as const
  const user = { ...throwaways.fields(domain.id, 'by-project-manager'), password: await accounts.newPassword() }
  const project = throwaways.fields(domain.id, 'by-project-manager')
  const wanted = {
    roleId: managed[0].id,
    to: { kind: 'user', id: account.user.id },
    on: { kind: 'project', id: decoys.project.id },
  } as const
  const changed = `${throwaways.description} changed by a project manager`
  await Promise.all([
    family.check({
      as,
      whom: 'the names of all domains',
      expected: 'empty',
      severity: 'warning',
      id: 'list-domains',
      claim: 'a manager of a project cannot enumerate domains',
      rule: 'identity:list_domains',
      ask: (session) => listDomains(session),
      shows: (list) => list.some(({ id }) => id !== domain.id),
      describe: (list) => `${list.length} listed`,
    }),
    family.check({
      as,
      whom: 'users of other domains',
      expected: 'empty',
      id: 'list-users',
      claim: 'a manager of a project sees no users of other domains',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session),
      shows: (list) => list.some(({ domain_id }) => domain_id !== domain.id),
      describe: (list) => `${list.length} listed`,
    }),
    family.check({
      ...common,
      id: 'create-user',
      claim: 'a manager of a project cannot create users in its domain',
      rule: 'identity:create_user',
      ask: (session) => createUser(session, { ...user, enabled: false }),
      effect: async () => (await findUser(operator, user.name, domain.id)) !== undefined,
    }),
    family.check({
      ...common,
      id: 'update-user',
      claim: 'a manager of a project cannot change users of its domain',
      rule: 'identity:update_user',
      ask: (session) => updateUser(session, account.user.id, { description: changed }),
      effect: async () => (await getUser(operator, account.user.id)).description === changed,
    }),
    family.check({
      ...common,
      id: 'create-project',
      claim: 'a manager of a project cannot create projects in its domain',
      rule: 'identity:create_project',
      ask: (session) => createProject(session, project),
      effect: async () => (await findProject(operator, project.name, domain.id)) !== undefined,
    }),
    family.check({
      ...common,
      id: 'grant',
      claim: 'a manager of a project cannot grant roles on other projects of its domain',
      rule: 'identity:create_grant',
      ask: (session) => createGrant(session, wanted),
      effect: () => isGranted(operator, wanted),
    }),
  ])
}
