/**
 * How an operator gets into a project. Heat and Barbican show their objects only to a token of the project, and only
 * with one does Magnum always delete a cluster cleanly. The role is granted for the stages that need it and removed again
 * (docs/decisions/0081, 0205).
 */
import { CloudError, StopError, fateOf } from '../errors.ts'
import type { Auth } from '../openstack/auth.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { createGrant, deleteGrant, isGranted } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { adminRoleOf } from '../openstack/keystone/role-names.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { OpenSession } from '../tenant/sessions.ts'

/** What the evidence records of it. */
export type Passages = {
  /** Called before a role is granted, and after it was removed. */
  readonly note: (action: 'enter' | 'leave', project: Project, requestIds: readonly string[]) => Promise<void>
  /** True if an earlier run went in and was interrupted: then the role that is found there is ours. */
  readonly isOpen: (projectId: string) => boolean
}

/** Milliseconds. */
type Sleep = (milliseconds: number) => Promise<void>

type Granted = {
  readonly grant: Grant
  readonly project: Project
  /** True if its request got no answer: it may be carried out after everything here is over. */
  mayAppear: boolean
}

export class Entrance {
  readonly #operator: Session<'operator'>
  readonly #auth: Auth
  readonly #open: OpenSession
  readonly #passages: Passages
  readonly #sleep: Sleep
  readonly #entered = new Map<string, Promise<Session<'operator'> | undefined>>()
  readonly #grants: Granted[] = []

  constructor(
    operator: Session<'operator'>,
    auth: Auth,
    open: OpenSession,
    passages: Passages & { readonly sleep: Sleep },
  ) {
    this.#operator = operator
    this.#auth = auth
    this.#open = open
    this.#passages = passages
    this.#sleep = passages.sleep
  }

  /** `undefined` if the operator has no way in. */
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
      // recorded before the request, so that the next run removes it after a lost answer or a crash
      await this.#passages.note('enter', project, requestIdsOf(exchanges))
      const granted: Granted = { grant, project, mayAppear: false }
      this.#grants.push(granted)
      await createGrant(session, grant).catch((error: unknown) => {
        granted.mayAppear = error instanceof CloudError && ['open', 'broken'].includes(fateOf(error))
        throw error
      })
    } else if (this.#passages.isOpen(project.id)) this.#grants.push({ grant, project, mayAppear: false })
    const scope = { kind: 'project', project: { id: project.id } } as const
    return this.#open('operator', { ...auth, scope })
  }

  /** Removes the role that it granted itself. */
  async leave(): Promise<void> {
    this.#entered.clear()
    for (let last = this.#grants.at(-1); last !== undefined; last = this.#grants.at(-1)) {
      const { session, exchanges } = this.#operator.recording()
      const isMissing = last.mayAppear && !(await this.#appears(session, last.grant))
      await deleteGrant(session, last.grant).catch((error: unknown) => {
        // the role is deleted with its project
        if (refusalOf(error) !== 404) throw error
      })
      this.#grants.pop()
      // without a record that it left, the next run removes what it finds
      if (isMissing)
        throw new StopError(
          `the operator's temporary role in project ${last.project.name} got no answer and may still appear: run the same command again, and if it is there later, \`openstack role remove --user ${last.grant.to.id} --project ${last.project.id} ${last.grant.roleId}\``,
        )
      await this.#passages.note('leave', last.project, requestIdsOf(exchanges))
    }
  }

  /** Looks for as long again as one request may take (docs/decisions/0152). */
  async #appears(session: Session<'operator'>, grant: Grant): Promise<boolean> {
    const pauseMs = 5000
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      if (await isGranted(session, grant)) return true
      if (waitedMs >= session.deadlineMs) return false
      await this.#sleep(pauseMs)
    }
  }
}

/** An application credential carries its own project and enters no other. */
export function canEnter(auth: Auth): boolean {
  return auth.kind !== 'application-credential'
}
