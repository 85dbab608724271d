import {
  createDomain,
  deleteDomain,
  findDomain,
  getDomain,
  listDomains,
  updateDomain,
} from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { deleteProject, updateProject } from '../../openstack/keystone/projects.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Party } from '../../probes/checks.ts'
import { removeDomain } from '../../probes/throwaway/domain.ts'

/** Domains, also in their second form: each is a project as well, under the same id (LP 2138295). */
export async function probeDomains(family: Family, fixture: VerificationFixture): Promise<void> {
  await probeMaking(family, fixture)
  await Promise.all(
    [fixture.manager, fixture.own.account].map((as, index) =>
      probeForeign(family, fixture, as, index === 0 ? 'manager' : 'account'),
    ),
  )
  await probeChange(family, fixture)
}

async function probeMaking(family: Family, { manager, operator, throwaways, own }: VerificationFixture): Promise<void> {
  const name = throwaways.name('made-domain')
  await Promise.all([
    family.check<Domain>({
      id: 'create',
      claim: 'a manager cannot create a domain',
      as: manager,
      whom: 'the cloud',
      rule: 'identity:create_domain',
      expected: 'refused',
      code: 'isolation/escalation',
      ask: (session) =>
        throwaways.make({
          kind: 'domain',
          name,
          create: () => createDomain(session, { name, description: throwaways.description, enabled: false }),
          find: () => findDomain(operator, name),
          remove: ({ id }) => removeDomain(operator, id),
        }),
      effect: async () => (await findDomain(operator, name)) !== undefined,
    }),
    // Keystone 25 filters the list to the token's own domain, earlier releases list all: commit dd785ee69, LP 2041611
    family.check({
      id: 'list',
      claim: 'the domains that a manager can list',
      as: manager,
      whom: 'the names of all domains',
      rule: 'identity:list_domains',
      expected: 'reported',
      ask: (session) => listDomains(session),
      shows: (list) => list.some(({ id }) => id !== own.domainId),
      describe: (list) => `${list.length} of them: ${list.map((domain) => domain.name).join(', ')}`,
    }),
  ])
}

async function probeForeign(family: Family, { foreign }: VerificationFixture, as: Party, who: string): Promise<void> {
  const { domain } = foreign
  const common = { as, whom: 'a throwaway foreign domain', expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: `read-foreign-by-${who}`,
      claim: `${as.who} cannot read another domain`,
      rule: 'identity:get_domain',
      ask: (session) => getDomain(session, domain.id),
    }),
    family.check({
      ...common,
      id: `read-root-by-${who}`,
      claim: `${as.who} cannot read another domain as a project`,
      rule: 'identity:get_project',
      // raw, because such a record has not the form of a project
      ask: (session) => session.request({ service: 'identity', method: 'GET', path: `/projects/${domain.id}` }),
    }),
  ])
}

/** After the reading probes: a change that is not refused would show in what they read. */
async function probeChange(
  family: Family,
  { manager, operator, foreign, own, throwaways }: VerificationFixture,
): Promise<void> {
  const { domain, idle } = foreign
  const describe = async (id: string, wanted: string): Promise<boolean> =>
    (await getDomain(operator, id)).description === wanted
  for (const [who, as] of [
    ['manager', manager],
    ['account', own.account],
  ] as const) {
    const common = { as, whom: 'a throwaway foreign domain', expected: 'refused' } as const
    const wanted = `${throwaways.description} changed by ${who}`
    await family.check({
      ...common,
      id: `update-foreign-by-${who}`,
      claim: `${as.who} cannot change another domain`,
      rule: 'identity:update_domain',
      ask: (session) => updateDomain(session, idle.domain.id, { description: wanted }),
      effect: () => describe(idle.domain.id, wanted),
    })
    await family.check({
      ...common,
      id: `update-root-by-${who}`,
      claim: `${as.who} cannot change another domain as a project`,
      rule: 'identity:update_project',
      ask: (session) => updateProject(session, idle.root.id, { description: wanted }),
      effect: () => describe(idle.root.id, wanted),
    })
  }
  await family.check({
    id: 'update-own',
    claim: 'a manager cannot change its own domain',
    as: foreign.manager,
    whom: 'its own domain, a throwaway',
    rule: 'identity:update_domain',
    expected: 'refused',
    code: 'isolation/escalation',
    ask: (session) =>
      updateDomain(session, domain.id, { description: `${throwaways.description} changed by its manager` }),
    effect: () => describe(domain.id, `${throwaways.description} changed by its manager`),
  })
  await family.check({
    id: 'delete-root',
    claim: 'a manager cannot delete another domain as a project',
    as: manager,
    whom: 'a disabled throwaway domain',
    rule: 'identity:delete_project',
    expected: 'refused',
    ask: (session) => deleteProject(session, idle.root.id),
    effect: () => isGone(getDomain(operator, idle.root.id)),
  })
  await family.check({
    id: 'delete',
    claim: 'a manager cannot delete another domain',
    as: manager,
    whom: 'a disabled throwaway domain',
    rule: 'identity:delete_domain',
    expected: 'refused',
    ask: (session) => deleteDomain(session, idle.domain.id),
    effect: () => isGone(getDomain(operator, idle.domain.id)),
  })
}
