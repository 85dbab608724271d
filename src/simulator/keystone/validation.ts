/** The few checks of Keystone's schemas that a person meets. keystone 22.0.2, keystone/common/validation. */
import { Refusal } from '../refusal.ts'
import { pythonRepr, textAt } from '../json.ts'
import type { Json } from '../json.ts'

export function requireName(body: Json, key: string): string {
  const value = body[key]
  if (value === undefined) throw new Refusal(400, `'${key}' is a required property`)
  const text = textAt(body, key)
  if (text === undefined) {
    throw new Refusal(400, `Invalid input for field '${key}': ${pythonRepr(value)} is not of type 'string'`)
  }
  if (text.trim() === '') throw new Refusal(400, `Invalid input for field '${key}': ${pythonRepr(text)} is too short`)
  return text
}

export function requireBoolean(body: Json, key: string): void {
  const value = body[key]
  if (value === undefined || value === null || typeof value === 'boolean') return
  throw new Refusal(400, `Invalid input for field '${key}': ${pythonRepr(value)} is not of type 'boolean'`)
}
