import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, object, optional, text } from '../shape.ts'
import type { Read } from '../shape.ts'

type Ref = {
  readonly id: string
  readonly name?: string | undefined
  readonly domain?: { readonly id: string; readonly name?: string | undefined } | undefined
}

/** Who holds which role where. Names are there if requested; exactly one of `user` and `group` is set. */
export type RoleAssignment = {
  readonly role: Ref
  readonly user?: Ref | undefined
  readonly group?: Ref | undefined
  readonly scope: {
    readonly project?: Ref | undefined
    readonly domain?: Ref | undefined
    readonly system?: { readonly all?: boolean | undefined } | undefined
    /** `projects`: not on the scope itself, but on the projects below it. */
    readonly 'OS-INHERIT:inherited_to'?: string | undefined
  }
}

const ref: Read<Ref> = object<Ref>({
  id: text,
  name: optional(text),
  domain: optional(
    object<{ readonly id: string; readonly name?: string | undefined }>({ id: text, name: optional(text) }),
  ),
})

const assignment = object<RoleAssignment>({
  role: ref,
  user: optional(ref),
  group: optional(ref),
  scope: object<RoleAssignment['scope']>({
    project: optional(ref),
    domain: optional(ref),
    system: optional(object<{ readonly all?: boolean | undefined }>({ all: optional(flag) })),
    'OS-INHERIT:inherited_to': optional(text),
  }),
})

export type RoleAssignmentFilter = {
  readonly userId?: string
  readonly groupId?: string
  readonly roleId?: string
  readonly projectId?: string
  readonly domainId?: string
  /** Only those on the whole system. */
  readonly isSystem?: boolean
  /** Only those that projects inherit. */
  readonly isInherited?: boolean
  /** Effective roles: groups resolved to users, implied and inherited roles included. Absent: the grants themselves. */
  readonly isEffective?: boolean
  /** With `projectId`: also those on the projects below it. */
  readonly includesSubtree?: boolean
  readonly includesNames?: boolean
}

/**
 * Direct, inherited, group and system assignments, unless the filter says otherwise. Filters are combined by and;
 * Keystone refuses an effective list with `groupId`, and two scopes at once.
 */
export function listRoleAssignments(
  session: Session,
  filter: RoleAssignmentFilter = {},
): Promise<readonly RoleAssignment[]> {
  const query = {
    'user.id': filter.userId,
    'group.id': filter.groupId,
    'role.id': filter.roleId,
    'scope.project.id': filter.projectId,
    'scope.domain.id': filter.domainId,
    'scope.system': filter.isSystem === true ? 'all' : undefined,
    'scope.OS-INHERIT:inherited_to': filter.isInherited === true ? 'projects' : undefined,
    // any value but `0` means true, even `false`: keystone 22, keystone/server/flask/common.py, query_filter_is_true
    effective: filter.isEffective === true ? '1' : undefined,
    include_subtree: filter.includesSubtree === true ? '1' : undefined,
    include_names: filter.includesNames === true ? '1' : undefined,
  }
  return list(session, { service: 'identity', path: '/role_assignments', query }, 'role_assignments', assignment)
}
