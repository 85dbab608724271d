import { Refusal } from '../../refusal.ts'

/** wsme, wsme/exc.py, InvalidInput. */
export function invalidField(field: string, value: string, reason: string): Refusal {
  return new Refusal(400, `Invalid input for field/attribute ${field}. Value: '${value}'. ${reason}`)
}

export function denied(rule: string): Refusal {
  return new Refusal(403, `Policy doesn't allow ${rule} to be performed.`)
}
