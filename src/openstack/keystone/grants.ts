/** One role for one user or group on one scope. `role-assignments.ts` lists everything that an account holds. */
import { list, send } from '../resource-requests.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'
import { object, text } from '../shape.ts'

export type Grantee = { readonly kind: 'user' | 'group'; readonly id: string }

export type GrantScope =
  /** Inherited: not on the project or domain itself, but on all projects below it. */
  | { readonly kind: 'project' | 'domain'; readonly id: string; readonly isInherited?: boolean }
  | { readonly kind: 'system' }

export type Grant = { readonly roleId: string; readonly to: Grantee; readonly on: GrantScope }

const role = object<{ readonly id: string; readonly name: string }>({ id: text, name: text })

/** Grants on the scope itself. Keystone has no such list for inherited roles of a project. */
export function listGrants(
  session: Session,
  of: {
    readonly to: Grantee
    readonly on: { readonly kind: 'project' | 'domain'; readonly id: string } | { readonly kind: 'system' }
  },
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return list(session, { service: 'identity', path: `${root(of.to, of.on)}/roles` }, 'roles', role)
}

export async function isGranted(session: Session, grant: Grant): Promise<boolean> {
  try {
    await send(session, { service: 'identity', method: 'HEAD', path: place(grant) })
    return true
  } catch (error) {
    // also if the role, the grantee or the scope does not exist: then nothing is granted
    if (refusalOf(error) === 404) return false
    throw error
  }
}

export function createGrant(session: Session, grant: Grant): Promise<void> {
  return send(session, { service: 'identity', method: 'PUT', path: place(grant) })
}

export function deleteGrant(session: Session, grant: Grant): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: place(grant) })
}

function place(grant: Grant): string {
  const base = `${root(grant.to, grant.on)}/roles/${grant.roleId}`
  const isInherited = grant.on.kind !== 'system' && grant.on.isInherited === true
  return isInherited ? `/OS-INHERIT${base}/inherited_to_projects` : base
}

function root(to: Grantee, on: GrantScope): string {
  const grantee = `${to.kind}s/${to.id}`
  return on.kind === 'system' ? `/system/${grantee}` : `/${on.kind}s/${on.id}/${grantee}`
}
