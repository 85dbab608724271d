import { buildProbeDomain } from '../../probes/throwaway/domain.ts'
import { probeTrustee } from '../../probes/trustee.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import type { Attempt } from '../../probes/attempt.ts'
import { experiment, Inapplicable, need } from '../experiment.ts'
import { reach } from './reach.ts'
import { CloudError } from '../../errors.ts'

/**
 * A throwaway domain with its own manager and admin: their rights can be tried without the tenant and without Magnum's
 * password.
 */
const probeDomain = experiment(
  'stand',
  'can the operator make a throwaway domain to try the rules in?',
  async (on, notes) => {
    const { operator } = await need(on, reach)
    if (operator instanceof CloudError) throw operator
    const { subject, throwaways } = on
    const built = await notes.read(subject.operator, (session) =>
      buildProbeDomain({ operator: session, open: subject.open, random: subject.random }, throwaways),
    )
    notes.saw(`domain ${built.domain.name} exists for a moment`)
    return built
  },
)

export type ManagerPowers = {
  readonly list: Attempt<unknown>
  readonly user: Attempt<unknown>
  readonly project: Attempt<unknown>
}

/** Its objects are in the throwaway domain and are deleted with it. */
export const managerPowers = experiment<ManagerPowers>(
  'manager-powers',
  'may a domain manager list, and make users and projects, in its own domain?',
  async (on, notes) => {
    const { manager, domain, accounts } = await need(on, probeDomain)
    if (manager === undefined) throw new Inapplicable('this cloud has no role `manager`')
    const [list, user, project] = await Promise.all([
      notes.attempt(manager, (session) => listUsers(session, { domain_id: domain.id })),
      notes.attempt(manager, (session) => accounts.user(domain.id, 'user', session)),
      notes.attempt(manager, (session) => accounts.project(domain.id, 'project', session)),
    ])
    for (const [what, tried] of Object.entries({
      'list users': list,
      'create a user': user,
      'create a project': project,
    }))
      notes.saw(
        `a domain manager may ${tried.kind === 'answered' ? '' : 'not '}${what}${said(tried)}`,
        tried.requestIds,
      )
    return { list, user, project }
  },
)

/** In place of `magnum_domain_admin`, which makes the trustee of every cluster. */
export const trusteeRule = experiment(
  'trustee-rule',
  'may an admin of one domain make a user in it, as Magnum does for every cluster?',
  async (on, notes) => {
    const [result] = await probeTrustee(await need(on, probeDomain))
    if (result === undefined) throw new Inapplicable('this cloud has no role `admin`')
    const may = result.observed === 'allowed' ? 'may' : 'may not'
    notes.saw(`an admin of one domain ${may} create a user in it: ${result.detail}`, result.requestIds)
    return result
  },
)

function said(tried: Attempt<unknown>): string {
  switch (tried.kind) {
    case 'answered':
      return ''
    case 'refused':
      return ` (${tried.status}: ${tried.message})`
    case 'unanswered':
      return ` (${tried.message})`
  }
}
