/**
 * The checks of Keystone's schemas that a user may meet. keystone 22.0.2, keystone/common/validation; from 2025.1 on
 * the decorators of keystone/api/validation word them as Nova does.
 */
import { isReleaseAtLeast } from '../../profile.ts'
import { pythonRepr, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

/** The name of a resource of this `kind`. Domains and projects have 64 characters at most: keystone/resource/schema.py. */
export function requireName(world: World, kind: string, body: Json): string {
  const name = requireText(world, kind, body, 'name')
  if (name.length > (kind === 'domain' || kind === 'project' ? 64 : 255))
    throw invalid(world, 'name', name, `${pythonRepr(name)} is too long`)
  return name
}

export function requireText(world: World, kind: string, body: Json, key: string): string {
  const value = body[key]
  if (value === undefined) {
    const reason = `'${key}' is a required property`
    throw new Refusal(400, isWorded(world) ? worded(kind, body, reason) : reason)
  }
  const text = textAt(body, key)
  if (text === undefined) throw invalid(world, key, value, `${pythonRepr(value)} is not of type 'string'`)
  if (text.trim() === '') throw invalid(world, key, value, `${pythonRepr(text)} is too short`)
  return text
}

export function requireBoolean(world: World, body: Json, key: string): void {
  const value = body[key]
  if (value === undefined || value === null || typeof value === 'boolean') return
  throw invalid(world, key, value, `${pythonRepr(value)} is not of type 'boolean'`)
}

function invalid(world: World, key: string, value: unknown, reason: string): Refusal {
  if (isWorded(world)) return new Refusal(400, worded(key, value, reason))
  return new Refusal(400, `Invalid input for field '${key}': ${reason}`)
}

function isWorded(world: World): boolean {
  return isReleaseAtLeast(world.profile, '2025.1')
}

function worded(field: string, value: unknown, reason: string): string {
  return `Invalid input for field/attribute ${field}. Value: ${typeof value === 'string' ? value : pythonRepr(value)}. ${reason}`
}
