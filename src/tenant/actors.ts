/**
 * Who does what. A step declares its actor and is handed a session of that actor and of no other; the type of
 * a session carries the actor, so handing over another one does not compile.
 */
export const actors = ['operator', 'manager', 'creator', 'automation'] as const
export type Actor = (typeof actors)[number]
/** Who acts on the tenant's own machine. */
export type TenantActor = Exclude<Actor, 'operator'>

/** The tenant's accounts as the command line calls them, and who signs in with each. */
export const accounts = { 'domain-admin': 'manager', cluster: 'creator', svc: 'automation' } as const
export type Account = keyof typeof accounts

/** What each tenant account holds directly, exactly. A token also shows the roles that these imply. */
export const managerRole = 'manager'
export const accountRoles = ['member', 'load-balancer_member'] as const
