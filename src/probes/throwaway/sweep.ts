/** Removes what an earlier run of probes left, after a crash or a lost connection. */
import { CloudError, errorChain } from '../../errors.ts'
import { listStoredSecrets, deleteStoredSecret } from '../../openstack/barbican.ts'
import { listDomains } from '../../openstack/keystone/domains.ts'
import { deleteGroup, listGroups } from '../../openstack/keystone/groups.ts'
import { deleteProject, listProjects } from '../../openstack/keystone/projects.ts'
import { deleteRole, listRoles } from '../../openstack/keystone/roles.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import { deleteUser, listUsers } from '../../openstack/keystone/users.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import { runNamed, runOf } from './run.ts'
import type { Run } from './run.ts'
import { emptyProject, emptyUser } from './empty.ts'
import { removeDomain } from './domain.ts'
import type { Leftover } from './throwaways.ts'

export type SweepOptions = {
  readonly now: Date
  /** Younger ones may belong to an active run, here or on another machine. */
  readonly minimumAgeMs?: number
  /** Runs that are known to be over, at any age: their process has ended. */
  readonly deadRuns?: readonly string[]
  /** For runs that make nothing outside of Keystone: they do not need the key manager. */
  readonly isIdentityOnly?: boolean
  /** The roles of the cloud, if they were read just before; otherwise they are listed. */
  readonly roles?: readonly Role[] | undefined
}

export type Swept = {
  readonly removed: readonly { readonly kind: string; readonly name: string }[]
  readonly leftovers: readonly Leftover[]
}

/** Longer than any run: probes take seconds. */
const MINIMUM_AGE_MS = 10 * 60_000

/** Objects of the operator's runs: domains with everything in them, global roles, secrets. */
export function sweepCloud(operator: Session, options: SweepOptions): Promise<Swept> {
  return unlessItCannotLook(async () => {
    const { catalog } = await operator.token()
    const hasKeyManager = options.isIdentityOnly !== true && catalog.some(({ type }) => type === 'key-manager')
    const [domains, roles, secrets] = await Promise.all([
      listDomains(operator),
      options.roles ?? listRoles(operator),
      hasKeyManager ? listStoredSecrets(operator) : [],
    ])
    // a secret has no description; these are in the operator's own project
    const named = secrets.flatMap(({ id, name }) => (name === null ? [] : [{ id, name }]))
    return removeEach([
      ...old(domains, runOf, options).map((domain) => ({
        ...domain,
        kind: 'domain',
        remove: () => clearDomain(operator, domain.id),
      })),
      ...old(roles, runOf, options).map((role) => ({
        ...role,
        kind: 'role',
        remove: () => deleteRole(operator, role.id),
      })),
      ...old(named, ({ name }) => runNamed(name), options).map((secret) => ({
        ...secret,
        kind: 'secret',
        remove: () => deleteStoredSecret(operator, secret.id),
      })),
    ])
  })
}

/** Objects of probes inside a tenant's own domain. Its manager may remove them as well. */
export function sweepDomain(
  session: Session,
  domainId: string,
  options: SweepOptions & { readonly operator?: Session },
): Promise<Swept> {
  const { operator } = options
  return unlessItCannotLook(async () => {
    const [users, groups, projects] = await Promise.all([
      listUsers(session, { domain_id: domainId }),
      listGroups(session, { domain_id: domainId }),
      listProjects(session, { domain_id: domainId }),
    ])
    return removeEach([
      ...old(users, runOf, options).map((user) => ({
        ...user,
        kind: 'user',
        remove: () => deleteUser(session, user.id),
      })),
      ...old(groups, runOf, options).map((group) => ({
        ...group,
        kind: 'group',
        remove: () => deleteGroup(session, group.id),
      })),
      // without an operator a project is left for a run that has one, because what is in it could not be reached
      // afterwards
      ...(operator === undefined ? [] : old(projects, runOf, options)).map((project) => ({
        ...project,
        kind: 'project',
        remove: async () => {
          if (operator !== undefined) await emptyProject(operator, project.id)
          await deleteProject(session, project.id)
        },
      })),
    ])
  })
}

async function clearDomain(operator: Session, domainId: string): Promise<void> {
  const [users, projects] = await Promise.all([
    listUsers(operator, { domain_id: domainId }),
    listProjects(operator, { domain_id: domainId }),
  ])
  await Promise.all([
    ...users.map(({ id }) => emptyUser(operator, id)),
    ...projects.map(({ id }) => emptyProject(operator, id)),
  ])
  await removeDomain(operator, domainId)
}

/** A failed sweep does not stop the probes. */
async function unlessItCannotLook(sweep: () => Promise<Swept>): Promise<Swept> {
  try {
    return await sweep()
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    return {
      removed: [],
      leftovers: [{ kind: 'sweep', name: 'of earlier runs', because: errorChain(error).join(': ') }],
    }
  }
}

function old<T>(things: readonly T[], find: (thing: T) => Run | undefined, options: SweepOptions): readonly T[] {
  const before = options.now.getTime() - (options.minimumAgeMs ?? MINIMUM_AGE_MS)
  return things.filter((thing) => {
    const run = find(thing)
    if (run === undefined) return false
    return run.startedAt.getTime() <= before || options.deadRuns?.includes(run.id) === true
  })
}

type Removable = { readonly kind: string; readonly name: string; readonly remove: () => Promise<void> }

async function removeEach(things: readonly Removable[]): Promise<Swept> {
  const leftovers: Leftover[] = []
  await Promise.all(
    things.map(async ({ kind, name, remove }) => {
      try {
        await remove()
      } catch (error) {
        if (refusalOf(error) !== 404) leftovers.push({ kind, name, because: errorChain(error).join(': ') })
      }
    }),
  )
  const removed = things.filter(({ name }) => !leftovers.some((leftover) => leftover.name === name))
  return { removed: removed.map(({ kind, name }) => ({ kind, name })), leftovers }
}
