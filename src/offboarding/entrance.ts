/**
 * How an operator gets into a project of the tenant: Heat and Barbican show what they keep only to a token of the project, and
 * Magnum deletes a cluster cleanly only for one. The role is granted for the time of a stage and taken back (docs/decisions/0081).
 */
import type { Auth } from '../openstack/auth.ts'
import { createGrant, deleteGrant } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { OpenSession } from '../tenant/sessions.ts'
import { idsOf } from './request-ids.ts'

/** Tells the evidence of each time. */
export type NotePassage = (action: 'enter' | 'leave', project: Project, requestIds: readonly string[]) => Promise<void>

export class Entrance {
  readonly #operator: Session<'operator'>
  readonly #auth: Auth
  readonly #open: OpenSession
  readonly #note: NotePassage
  readonly #entered = new Map<string, Promise<Session<'operator'> | undefined>>()
  readonly #grants: { readonly grant: Grant; readonly project: Project }[] = []

  constructor(operator: Session<'operator'>, auth: Auth, open: OpenSession, note: NotePassage) {
    this.#note = note
    this.#operator = operator
    this.#auth = auth
    this.#open = open
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
    const admin = roles.find(({ name }) => name.toLowerCase() === 'admin')
    if (admin === undefined) return undefined
    const grant: Grant = {
      roleId: admin.id,
      to: { kind: 'user', id: userId },
      on: { kind: 'project', id: project.id },
    }
    // noted before it is asked for: a lost answer leaves nothing behind
    this.#grants.push({ grant, project })
    const { session, exchanges } = this.#operator.recording()
    await createGrant(session, grant)
    await this.#note('enter', project, idsOf(exchanges))
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
      await this.#note('leave', last.project, idsOf(exchanges))
    }
  }
}

/** An application credential carries its own project and enters no other. */
export function canEnter(auth: Auth): boolean {
  return auth.kind !== 'application-credential'
}
