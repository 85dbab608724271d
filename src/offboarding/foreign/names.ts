import type { Domain } from '../../openstack/keystone/domains.ts'
import { listDomains } from '../../openstack/keystone/domains.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import type { Session } from '../../openstack/session.ts'

/** Names of projects, for people: `globex-prod of domain globex`. */
export type Names = (projectId: string) => string

export async function readNames(operator: Session): Promise<Names> {
  const [projects, domains] = await Promise.all([listProjects(operator), listDomains(operator)])
  return namesOf(projects, domains)
}

function namesOf(projects: readonly Project[], domains: readonly Domain[]): Names {
  return (id) => {
    if (id === '') return 'no project'
    const project = projects.find((one) => one.id === id)
    if (project === undefined) return `a deleted project (${id})`
    const domain = domains.find((one) => one.id === project.domain_id)
    return `project \`${project.name}\` of domain \`${domain?.name ?? project.domain_id}\``
  }
}
