/**
 * What lists and filters show of other tenants. An empty answer counts as a refusal; everything that a list must not
 * have is known to exist.
 */
import { listApplicationCredentials } from '../../openstack/keystone/application-credentials.ts'
import { listCredentials } from '../../openstack/keystone/credentials.ts'
import { listGroups } from '../../openstack/keystone/groups.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { RoleAssignment, RoleAssignmentFilter } from '../../openstack/keystone/role-assignments.ts'
import { findToken } from '../../openstack/keystone/tokens.ts'
import { listTrusts } from '../../openstack/keystone/trusts.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Party } from '../../probes/checks.ts'

export async function probeLists(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, own } = fixture
  await Promise.all([
    probeAssignments(family, fixture, manager, 'manager'),
    probeAssignments(family, fixture, own.account, 'account'),
    probeSecrets(family, fixture, manager, 'manager'),
    probeSecrets(family, fixture, own.account, 'account'),
    probeEnumeration(family, fixture),
  ])
}

async function probeAssignments(
  family: Family,
  { foreign }: VerificationFixture,
  as: Party,
  who: string,
): Promise<void> {
  const { account, domain } = foreign
  const filters: readonly (readonly [string, string, RoleAssignmentFilter])[] = [
    ['all', 'without a filter', {}],
    ['of-user', 'of a user of another domain', { userId: account.user.id }],
    ['on-domain', 'on another domain', { domainId: domain.id }],
    ['on-project', 'on a project of another domain', { projectId: account.project.id }],
    ['effective', 'in effect', { isEffective: true }],
    ['subtree', 'on a project of another domain and below', { projectId: account.project.id, includesSubtree: true }],
  ]
  const isForeign = (one: RoleAssignment): boolean =>
    one.scope.domain?.id === domain.id ||
    one.scope.project?.id === account.project.id ||
    one.user?.id === account.user.id ||
    one.group?.id === foreign.group.id
  await Promise.all(
    filters.map(([id, what, filter]) =>
      family.check({
        id: `assignments-${id}-by-${who}`,
        claim: `${as.who} sees no assignments of another domain (${what})`,
        as,
        whom: 'assignments on a throwaway foreign domain and its project',
        rule:
          filter.includesSubtree === true
            ? 'identity:list_role_assignments_for_tree'
            : 'identity:list_role_assignments',
        expected: 'empty',
        ask: (session) => listRoleAssignments(session, filter),
        shows: (list) => list.some(isForeign),
        describe: (list) => `${list.length} listed, ${list.filter(isForeign).length} of the other domain`,
      }),
    ),
  )
}

async function probeSecrets(family: Family, { foreign }: VerificationFixture, as: Party, who: string): Promise<void> {
  const { account } = foreign
  const victim = account.user.id
  const common = { as, whom: 'an account of a throwaway foreign domain', expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: `application-credentials-by-${who}`,
      claim: `${as.who} cannot list the application credentials of another domain's user`,
      rule: 'identity:list_application_credentials',
      ask: (session) => listApplicationCredentials(session, victim),
    }),
    family.check({
      ...common,
      id: `application-credentials-by-own-token-by-${who}`,
      claim: `${as.who} cannot list them by naming its own token as the subject`,
      rule: 'identity:list_application_credentials',
      // one's own token satisfies a rule that asks for the owner of the subject token
      ask: async (session) =>
        session.request({
          service: 'identity',
          method: 'GET',
          path: `/users/${victim}/application_credentials`,
          headers: { 'X-Subject-Token': (await session.bearer()).reveal() },
        }),
    }),
    family.check({
      ...common,
      id: `trusts-by-${who}`,
      claim: `${as.who} cannot list the trusts of another domain's user`,
      rule: 'identity:list_trusts_for_trustor',
      ask: (session) => listTrusts(session, { trustor_user_id: victim }),
    }),
    family.check({
      ...common,
      whom: 'all trusts of the cloud',
      id: `all-trusts-by-${who}`,
      claim: `${as.who} cannot list all trusts`,
      rule: 'identity:list_trusts',
      ask: (session) => listTrusts(session),
    }),
    family.check({
      ...common,
      id: `ec2-keys-by-${who}`,
      claim: `${as.who} cannot list the EC2 keys of another domain's user`,
      rule: 'identity:ec2_list_credentials',
      ask: (session) =>
        session.request({ service: 'identity', method: 'GET', path: `/users/${victim}/credentials/OS-EC2` }),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: `credentials-by-${who}`,
      claim: `${as.who} sees no credentials of other users`,
      rule: 'identity:list_credentials',
      ask: async (session) => ({ list: await listCredentials(session), own: (await session.token()).userId }),
      shows: ({ list, own }) => list.some(({ user_id }) => user_id !== own),
      describe: ({ list }) => `${list.length} listed`,
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: `token-by-${who}`,
      claim: `${as.who} cannot look into the token of another domain's user`,
      rule: 'identity:validate_token',
      ask: async (session) => findToken(session, await account.session.bearer()),
      shows: (token) => token !== undefined,
      describe: (token) => (token === undefined ? 'not found' : `the token of \`${token.userName}\``),
    }),
  ])
}

/** What an ordinary account can list. The manager's own lists are in the families of their objects. */
async function probeEnumeration(family: Family, { own, foreign }: VerificationFixture): Promise<void> {
  const as = own.account
  const common = { as, whom: 'all domains', expected: 'empty' } as const
  const isForeign = ({ domain_id }: { readonly domain_id: string }): boolean => domain_id === foreign.domain.id
  const describe = (list: readonly unknown[]): string => `${list.length} listed`
  await Promise.all([
    family.check({
      ...common,
      id: 'users-by-account',
      claim: 'an account sees no users of another domain',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session),
      shows: (list) => list.some(isForeign),
      describe,
    }),
    family.check({
      ...common,
      id: 'projects-by-account',
      claim: 'an account sees no projects of another domain',
      rule: 'identity:list_projects',
      ask: (session) => listProjects(session),
      shows: (list) => list.some(isForeign),
      describe,
    }),
    family.check({
      ...common,
      id: 'groups-by-account',
      claim: 'an account sees no groups of another domain',
      rule: 'identity:list_groups',
      ask: (session) => listGroups(session),
      shows: (list) => list.some(isForeign),
      describe,
    }),
  ])
}
