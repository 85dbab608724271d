import { findDomain } from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { TenantProject } from '../../tenant/tenant.ts'
import { experiment, Inapplicable, need } from '../experiment.ts'

export type Objects = {
  readonly domain: Domain
  readonly manager: User | undefined
  readonly creator: User | undefined
  readonly automation: User | undefined
  readonly users: readonly User[]
  readonly projects: readonly StandingProject[]
}

export type StandingProject = { readonly asked: TenantProject; readonly found: Project }

/** The tenant's objects in Keystone. */
export const objects = experiment<Objects>(
  'objects',
  'which accounts and projects of the tenant are there?',
  async (on, notes) => {
    const { tenant, operator } = on.subject
    const { names } = tenant
    const domain = await notes.read(operator, (session) => findDomain(session, names.domain))
    if (domain === undefined) throw new Inapplicable(`there is no domain ${names.domain} yet`)
    const [users, projects] = await Promise.all([
      notes.read(operator, (session) => listUsers(session, { domain_id: domain.id })),
      notes.read(operator, (session) => listProjects(session, { domain_id: domain.id })),
    ])
    const named = (name: string): User | undefined => users.find((user) => user.name === name)
    const standing = tenant.projects.flatMap((asked) => {
      const found = projects.find(({ name }) => name === asked.names.project)
      return found === undefined ? [] : [{ asked, found }]
    })
    notes.saw(
      `domain ${domain.name} is ${domain.enabled ? 'enabled' : 'disabled'}, with the users ${users.map(state).join(', ') || 'none'} and the projects ${projects.map(state).join(', ') || 'none'}`,
    )
    return {
      domain,
      manager: named(names.manager),
      creator: named(names.creator),
      automation: named(names.automation),
      users,
      projects: standing,
    }
  },
)

/** The projects that have a cluster, or should have one. */
export const clusterProjects = experiment('cluster-projects', 'which projects should have a cluster?', async (on) => {
  const { projects } = await need(on, objects)
  const wanted = projects.filter(({ asked }) => asked.spec.cluster !== undefined || asked.spec.template !== undefined)
  if (wanted.length === 0) throw new Inapplicable('no project of the tenant should have a cluster')
  return wanted
})

function state({ name, enabled }: { readonly name: string; readonly enabled: boolean }): string {
  return enabled ? name : `${name} (disabled)`
}
