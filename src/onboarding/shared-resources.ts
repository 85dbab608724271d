import { invariant } from '../errors.ts'
import { roleNamed } from '../openstack/keystone/role-names.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { TenantProject } from '../tenant/tenant.ts'

export type Named = { readonly id: string; readonly name: string }
/** `isDefault`: nobody asked for it by name. */
export type Chosen = Named & { readonly isDefault?: boolean }

/** What the operator provides, chosen once by preflight. A field is absent if no project needs it. */
export type PerimeterChoice = {
  readonly roles: readonly Role[]
  readonly image?: Named | undefined
  readonly flavor?: Chosen | undefined
  readonly masterFlavor?: Chosen | undefined
  readonly externalNetwork?: Named | undefined
  readonly magnumDomain?: Named | undefined
  /** Prefix of each project that has a network, by project name. */
  readonly cidrs: Readonly<Record<string, string>>
}

export class SharedResources {
  readonly choice: PerimeterChoice

  constructor(choice: PerimeterChoice) {
    this.choice = choice
  }

  roleId(name: string): string {
    const role = roleNamed(this.choice.roles, name)
    invariant(role, `preflight let a missing role ${name} through`)
    return role.id
  }

  externalNetwork(): Named {
    return need(this.choice.externalNetwork, 'external network')
  }

  image(): Named {
    return need(this.choice.image, 'image')
  }

  flavor(): Chosen {
    return need(this.choice.flavor, 'flavor')
  }

  masterFlavor(): Chosen {
    return need(this.choice.masterFlavor, 'master flavor')
  }

  magnumDomain(): Named {
    return need(this.choice.magnumDomain, 'Magnum domain')
  }

  cidrOf({ names }: TenantProject): string {
    return need(this.choice.cidrs[names.project], `prefix of ${names.project}`)
  }
}

function need<T>(value: T | undefined, what: string): T {
  invariant(value !== undefined, `preflight let a missing ${what} through`)
  return value
}
