/** The caller, for services with a simple policy: an admin, or the project that owns the resource. */
import type { Call } from './service.ts'

export function hasRole(call: Call, name: string): boolean {
  return call.caller().roles.some((role) => role.name.toLowerCase() === name)
}

export function isAdmin(call: Call): boolean {
  return hasRole(call, 'admin')
}

/** The project of the token, or a value that no row has. */
export function projectOf(call: Call): string {
  return call.caller().project?.id ?? ''
}
