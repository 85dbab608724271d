import { createGrant, deleteGrant, isGranted } from '../../openstack/keystone/grants.ts'
import type { Grant } from '../../openstack/keystone/grants.ts'
import {
  createProject,
  deleteProject,
  getProject,
  listProjects,
  updateProject,
} from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { list } from '../../openstack/resource-requests.ts'
import type { Session } from '../../openstack/session.ts'
import { object, text } from '../../openstack/shape.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { createWithoutDomain } from '../../probes/without-domain.ts'

export async function probeProjects(family: Family, fixture: VerificationFixture): Promise<void> {
  await Promise.all([probeOwn(family, fixture), probeCreate(family, fixture), probeForeign(family, fixture)])
}

/** The life of a project, step by step. */
async function probeOwn(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, managed, inTenant } = fixture
  const common = { as: manager, whom: 'a throwaway project of its own domain', expected: 'allowed' } as const
  const { value: made } = await family.check<Project>({
    ...common,
    id: 'create',
    claim: 'a manager can create a project in its domain',
    rule: 'identity:create_project',
    ask: (session) => inTenant.project('own-project', session),
  })
  const { id } = made ?? (await inTenant.project('second-project'))
  const wanted = grant(managed[0].id, own.grantee.id, id)
  await Promise.all([
    family.check({
      ...common,
      id: 'find',
      claim: 'a manager can find a project of its domain by id',
      rule: 'identity:get_project',
      ask: (session) => getProject(session, id),
    }),
    family.check({
      ...common,
      id: 'list',
      claim: 'a manager can list the projects of its domain',
      rule: 'identity:list_projects',
      ask: (session) => listProjects(session, { domain_id: own.domainId }),
    }),
    family.check({
      ...common,
      whom: 'the projects of all domains',
      expected: 'empty',
      id: 'list-others',
      claim: 'the list of projects that a manager gets has none of other domains',
      rule: 'identity:list_projects',
      ask: (session) => listProjects(session),
      shows: (list) => list.some(({ domain_id }) => domain_id !== own.domainId),
      describe: (list) =>
        `${list.length} projects, ${list.filter(({ domain_id }) => domain_id !== own.domainId).length} of other domains`,
    }),
  ])
  await family.check({
    ...common,
    id: 'update',
    claim: 'a manager can update a project of its domain',
    rule: 'identity:update_project',
    ask: (session) => updateProject(session, id, { enabled: false }),
    effect: async () => !(await getProject(operator, id)).enabled,
  })
  await family.check({
    ...common,
    id: 'assign-role',
    claim: 'a manager can grant a managed role on a project of its domain',
    rule: 'identity:create_grant',
    ask: (session) => createGrant(session, wanted),
    effect: () => isGranted(operator, wanted),
  })
  await family.check({
    ...common,
    id: 'list-of-user',
    claim: 'a manager can list the projects of a user of its domain',
    rule: 'identity:list_user_projects',
    ask: (session) => listProjectsOfUser(session, own.grantee.id),
  })
  await family.check({
    ...common,
    id: 'unassign-role',
    claim: 'a manager can revoke a managed role on a project of its domain',
    rule: 'identity:revoke_grant',
    ask: (session) => deleteGrant(session, wanted),
    effect: async () => !(await isGranted(operator, wanted)),
  })
  await family.check({
    ...common,
    id: 'delete',
    claim: 'a manager can delete a project of its domain',
    rule: 'identity:delete_project',
    ask: (session) => deleteProject(session, id),
    effect: () => isGone(getProject(operator, id)),
  })
}

async function probeCreate(
  family: Family,
  { manager, operator, own, foreign, throwaways }: VerificationFixture,
): Promise<void> {
  const intruder = throwaways.fields(foreign.domain.id, 'intruder')
  const withoutDomain = throwaways.name('without-domain')
  const below = throwaways.name('below')
  const find = async (name: string): Promise<Project | undefined> => (await listProjects(operator, { name }))[0]
  const common = { as: manager, expected: 'refused', rule: 'identity:create_project' } as const
  await Promise.all([
    family.check({
      ...common,
      id: 'create-foreign',
      claim: 'a manager cannot create a project in another domain',
      whom: 'a throwaway foreign domain',
      ask: (session) => createProject(session, intruder),
      effect: async () => (await find(intruder.name)) !== undefined,
    }),
    family.check<{ readonly id: string }>({
      ...common,
      id: 'create-without-domain',
      claim: 'a manager cannot create a project without naming a domain',
      whom: 'no domain',
      ask: (session) =>
        throwaways.make({
          kind: 'project',
          name: withoutDomain,
          create: () =>
            createWithoutDomain(session, 'project', { name: withoutDomain, description: throwaways.description }),
          find: () => find(withoutDomain),
          remove: ({ id }) => deleteProject(operator, id),
        }),
      effect: async () => (await find(withoutDomain)) !== undefined,
    }),
    family.check<Project>({
      ...common,
      id: 'create-below-foreign',
      claim: 'a manager cannot create a project of its domain below a project of another domain',
      whom: 'a project of a throwaway foreign domain',
      ask: (session) =>
        throwaways.make({
          kind: 'project',
          name: below,
          create: () =>
            createProject(session, {
              name: below,
              domain_id: own.domainId,
              parent_id: foreign.account.project.id,
              description: throwaways.description,
            }),
          find: () => find(below),
          remove: ({ id }) => deleteProject(operator, id),
        }),
      effect: async () => (await find(below)) !== undefined,
    }),
  ])
}

async function probeForeign(
  family: Family,
  { manager, operator, own, foreign, managed }: VerificationFixture,
): Promise<void> {
  const { project, user } = foreign.account
  const { decoys } = foreign
  const common = { as: manager, whom: 'a project of a throwaway foreign domain', expected: 'refused' } as const
  const [role] = managed
  const assign = (id: string, claim: string, wanted: Grant): Promise<unknown> =>
    family.check({
      ...common,
      id,
      claim,
      rule: 'identity:create_grant',
      ask: (session) => createGrant(session, wanted),
      effect: () => isGranted(operator, wanted),
    })
  const held = grant(role.id, user.id, project.id)
  await Promise.all([
    family.check({
      ...common,
      id: 'read-foreign',
      claim: 'a manager cannot read a project of another domain by id',
      rule: 'identity:get_project',
      ask: (session) => getProject(session, project.id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'find-foreign',
      claim: 'a manager finds no project of another domain by name',
      rule: 'identity:list_projects',
      ask: (session) => listProjects(session, { name: project.name }),
      shows: (list) => list.some(({ id }) => id === project.id),
      describe: (list) => `${list.length} found`,
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-foreign',
      claim: 'a filter on another domain gives a manager no projects',
      rule: 'identity:list_projects',
      ask: (session) => listProjects(session, { domain_id: foreign.domain.id }),
      shows: (list) => list.some(({ domain_id }) => domain_id === foreign.domain.id),
      describe: (list) => `${list.length} listed`,
    }),
    family.check({
      ...common,
      id: 'list-of-foreign-user',
      claim: 'a manager cannot list the projects of a user of another domain',
      whom: 'a user of a throwaway foreign domain',
      rule: 'identity:list_user_projects',
      ask: (session) => listProjectsOfUser(session, user.id),
    }),
    assign(
      'assign-foreign',
      'a manager cannot grant a role on a project of another domain to its user',
      grant(role.id, user.id, decoys.project.id),
    ),
    assign(
      'assign-own-to-foreign-project',
      'a manager cannot grant its user a role on a project of another domain',
      grant(role.id, own.grantee.id, decoys.project.id),
    ),
    assign(
      'assign-foreign-to-own-project',
      'a manager cannot grant a user of another domain a role on its project',
      grant(role.id, user.id, own.project.id),
    ),
    family.check({
      ...common,
      id: 'unassign-foreign',
      claim: 'a manager cannot revoke a role on a project of another domain',
      rule: 'identity:revoke_grant',
      ask: (session) => deleteGrant(session, held),
      effect: async () => !(await isGranted(operator, held)),
    }),
  ])
  await family.check({
    ...common,
    id: 'update-foreign',
    claim: 'a manager cannot update a project of another domain',
    rule: 'identity:update_project',
    ask: (session) => updateProject(session, decoys.project.id, { enabled: false }),
    effect: async () => !(await getProject(operator, decoys.project.id)).enabled,
  })
  await family.check({
    ...common,
    id: 'delete-foreign',
    claim: 'a manager cannot delete a project of another domain',
    rule: 'identity:delete_project',
    ask: (session) => deleteProject(session, decoys.project.id),
    effect: () => isGone(getProject(operator, decoys.project.id)),
  })
}

function grant(roleId: string, userId: string, projectId: string): Grant {
  return { roleId, to: { kind: 'user', id: userId }, on: { kind: 'project', id: projectId } }
}

function listProjectsOfUser(session: Session, userId: string): Promise<readonly { readonly id: string }[]> {
  const project = object<{ readonly id: string }>({ id: text })
  return list(session, { service: 'identity', path: `/users/${userId}/projects` }, 'projects', project)
}
