/** Who asks, for the services whose policy is: an admin, or the project that owns it. */
import type { Call } from './service.ts'

export function hasRole(call: Call, name: string): boolean {
  return call.caller().roles.some((role) => role.name.toLowerCase() === name)
}

export function isAdmin(call: Call): boolean {
  return hasRole(call, 'admin')
}

/** The project of the token, or nothing that any row could belong to. */
export function projectOf(call: Call): string {
  return call.caller().project?.id ?? ''
}
