/** Keystone's refusals. keystone 22.0.2, keystone/exception.py. */
import { Refusal } from '../../refusal.ts'
import type { World } from '../../world.ts'

export function notFound(kind: string, id: string): Refusal {
  return new Refusal(404, `Could not find ${kind}: ${id}.`)
}

/** ForbiddenAction: `action` is a policy's name, or a sentence, which then ends in two full stops. */
export function forbidden(action: string): Refusal {
  return new Refusal(403, `You are not authorized to perform the requested action: ${action}.`)
}

/** Forbidden with a text that only `insecure_debug` shows. */
export function forbiddenSilently(): Refusal {
  return new Refusal(403, 'You are not authorized to perform the requested action.')
}

export function unauthorized(world: World, message = 'The request you have made requires authentication.'): Refusal {
  return new Refusal(401, message, { headers: { 'WWW-Authenticate': `Keystone uri="${world.bases.identity}/v3"` } })
}

export function conflict(kind: string, details: string): Refusal {
  return new Refusal(409, `Conflict occurred attempting to store ${kind} - ${details}.`)
}
