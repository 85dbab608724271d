/** Neutron's refusals: an exception class and a message. neutron-lib 3.1.0, neutron_lib/exceptions. */
import { Refusal } from '../../refusal.ts'

export function badRequest(message: string, type = 'HTTPBadRequest'): Refusal {
  return new Refusal(400, message, { type })
}

export function invalidInput(message: string): Refusal {
  return badRequest(`Invalid input for operation: ${message}.`, 'InvalidInput')
}

export function notFound(type: string, kind: string, id: string): Refusal {
  return new Refusal(404, `${kind} ${id} could not be found.`, { type: `${type}NotFound` })
}

/** `rules` as Neutron builds the check: `rule:create_network`, or several joined. */
export function disallowed(rules: string): Refusal {
  return new Refusal(403, `${rules} is disallowed by policy`, { type: 'PolicyNotAuthorized' })
}

export function conflict(type: string, message: string): Refusal {
  return new Refusal(409, message, { type })
}
