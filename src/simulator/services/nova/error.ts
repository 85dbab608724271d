import { Refusal } from '../../refusal.ts'

/** nova 26.2.2, nova/exception.py, PolicyNotAuthorized. */
export function forbiddenBy(rule: string): Refusal {
  return new Refusal(403, `Policy doesn't allow ${rule} to be performed.`)
}

/** nova/api/validation/validators.py: the refusals of a JSON schema. */
export function invalidField(field: string, value: string, reason: string): Refusal {
  return new Refusal(400, `Invalid input for field/attribute ${field}. Value: ${value}. ${reason}`)
}
