/**
 * Readers of answers: each takes a raw value and returns the promised type, or throws a `ShapeError` that names the
 * field. Other fields are dropped. No zod here: this runs on every answer, and zod takes 160 ms to load.
 */
export type Read<T> = (value: unknown, at: string) => T

/** A promised field is missing or of another type. `get` turns it into a `CloudError` that names the request. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

export const text: Read<string> = (value, at) => {
  if (typeof value !== 'string') throw new ShapeError(`${at} is ${kindOf(value)}, not a string`)
  return value
}

export const number: Read<number> = (value, at) => {
  if (typeof value !== 'number') throw new ShapeError(`${at} is ${kindOf(value)}, not a number`)
  return value
}

export const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new ShapeError(`${at} is ${kindOf(value)}, not true or false`)
  return value
}

export const record: Read<Readonly<Record<string, unknown>>> = (value, at) => {
  if (!isRecord(value)) throw new ShapeError(`${at} is ${kindOf(value)}, not an object`)
  return value
}

export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new ShapeError(`${at} is ${kindOf(value)}, not a list`)
    return value.map((item, index) => read(item, `${at}[${index}]`))
  }
}

export function mapOf<T>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(Object.entries(record(value, at)).map(([key, item]) => [key, read(item, `${at}.${key}`)]))
}

/** The numbers in an object; other values (an id, a null) are dropped. For quotas. */
export const numbers: Read<Readonly<Record<string, number>>> = (value, at) => {
  const held: Record<string, number> = {}
  for (const [key, item] of Object.entries(record(value, at))) if (typeof item === 'number') held[key] = item
  return held
}

/** The objects of this shape in an object; other values are dropped. For quotas with usage. */
export function objectsOf<T extends object>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(record(value, at))
        .filter(([, item]) => isRecord(item))
        .map(([key, item]) => [key, read(item, `${at}.${key}`)]),
    )
}

/** The API says null. */
export function orNull<T>(read: Read<T>): Read<T | null> {
  return (value, at) => (value === null ? null : read(value, at))
}

/** The field may be absent: older releases, other roles. A null counts as absent. */
export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : read(value, at))
}

/** The field is absent without its extension; a null is a value. */
export function offered<T>(read: Read<T>): Read<T | undefined> {
  return (value, at) => (value === undefined ? undefined : read(value, at))
}

/** An object with these fields. A field whose reader returns `undefined` is left out of the result. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const entries: readonly (readonly [string, Read<unknown>])[] = Object.entries(fields)
  return (value, at) => {
    const from = record(value, at)
    const result: Record<string, unknown> = {}
    for (const [key, read] of entries) {
      const field = read(from[key], `${at}.${key}`)
      if (field !== undefined) result[key] = field
    }
    return result as T // every key of T was read by its own reader just now
  }
}

/** The object in an envelope such as `{"domain": {..}}`. */
export function inside<T>(key: string, read: Read<T>): Read<T> {
  return (value, at) => read(record(value, at)[key], key)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
