/**
 * Which identity does which step. A step declares its actor and gets a session of that actor and no other. The type of
 * a session carries the actor, so another session does not compile.
 */
export const actors = ['operator', 'manager', 'creator', 'automation'] as const
export type Actor = (typeof actors)[number]
/** The actors on the tenant's own machine. */
export type TenantActor = Exclude<Actor, 'operator'>

/** The tenant's accounts by their names on the command line, and the actors that sign in with each. */
export const accounts = { 'domain-admin': 'manager', cluster: 'creator', svc: 'automation' } as const
export type Account = keyof typeof accounts

/** The roles that each tenant account holds directly, exactly. A token also shows the roles that these imply. */
export const managerRole = 'manager'
export const accountRoles = ['member', 'load-balancer_member'] as const
