/**
 * How an operator gets into a project: Heat and Barbican show what they keep only to a token of the project, and Magnum deletes
 * a cluster cleanly for sure only for one. The role is granted for the time of a stage and taken back (docs/decisions/0081).
 */
import type { Auth } from '../openstack/auth.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { createGrant, deleteGrant, isGranted } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { adminRoleOf } from '../openstack/keystone/role-names.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { OpenSession } from '../tenant/sessions.ts'

/** What the evidence has to do with it. */
export type Passages = {
  /** Told before a role is granted, and after it was taken back. */
  readonly note: (action: 'enter' | 'leave', project: Project, requestIds: readonly string[]) => Promise<void>
  /** Whether an earlier run went in and never came out: then the role that is found there is ours. */
  readonly isOpen: (projectId: string) => boolean
}

export class Entrance {
  readonly #operator: Session<'operator'>
  readonly #auth: Auth
  readonly #open: OpenSession
  readonly #passages: Passages
  readonly #entered = new Map<string, Promise<Session<'operator'> | undefined>>()
  readonly #grants: { readonly grant: Grant; readonly project: Project }[] = []

  constructor(operator: Session<'operator'>, auth: Auth, open: OpenSession, passages: Passages) {
    this.#operator = operator
    this.#auth = auth
    this.#open = open
    this.#passages = passages
  }

  /** `undefined` when the operator has no way in. */
  at(project: Project): Promise<Session<'operator'> | undefined> {
    const known = this.#entered.get(project.id) ?? this.#enter(project)
    this.#entered.set(project.id, known)
    return known
  }

  async #enter(project: Project): Promise<Session<'operator'> | undefined> {
    const auth = this.#auth
    if (auth.kind === 'application-credential') return undefined
    const { userId, roles } = await this.#operator.token()
    const admin = adminRoleOf(roles)
    if (admin === undefined) return undefined
    const grant: Grant = {
      roleId: admin.id,
      to: { kind: 'user', id: userId },
      on: { kind: 'project', id: project.id },
    }
    const { session, exchanges } = this.#operator.recording()
    const isHeld = await isGranted(session, grant)
    if (!isHeld) {
      // noted before it is asked for: what a lost answer or a crash leaves is taken back by the next run
      await this.#passages.note('enter', project, requestIdsOf(exchanges))
      this.#grants.push({ grant, project })
      await createGrant(session, grant)
    } else if (this.#passages.isOpen(project.id)) this.#grants.push({ grant, project })
    const scope = { kind: 'project', project: { id: project.id } } as const
    return this.#open('operator', { ...auth, scope })
  }

  /** Takes back what it granted itself. */
  async leave(): Promise<void> {
    this.#entered.clear()
    for (let last = this.#grants.at(-1); last !== undefined; last = this.#grants.at(-1)) {
      const { session, exchanges } = this.#operator.recording()
      await deleteGrant(session, last.grant).catch((error: unknown) => {
        // with its project it is gone already
        if (refusalOf(error) !== 404) throw error
      })
      this.#grants.pop()
      await this.#passages.note('leave', last.project, requestIdsOf(exchanges))
    }
  }
}

/** An application credential carries its own project and enters no other. */
export function canEnter(auth: Auth): boolean {
  return auth.kind !== 'application-credential'
}
