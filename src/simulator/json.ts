/** Reads request bodies, which may have any content. */
export type Json = Readonly<Record<string, unknown>>

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under `key`, or an empty one. */
export function objectAt(value: unknown, key: string): Json {
  const found = isJson(value) ? value[key] : undefined
  return isJson(found) ? found : {}
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isJson(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

export function numberAt(value: unknown, key: string): number | undefined {
  const found = isJson(value) ? value[key] : undefined
  return typeof found === 'number' ? found : undefined
}

export function booleanAt(value: unknown, key: string): boolean | undefined {
  const found = isJson(value) ? value[key] : undefined
  return typeof found === 'boolean' ? found : undefined
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const found = isJson(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}

/** The strings of the list under `key`. */
export function textsAt(value: unknown, key: string): readonly string[] {
  return listAt(value, key).filter((item) => typeof item === 'string')
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A scalar as text; anything else as JSON. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return JSON.stringify(value)
}

/** A value as Python's `repr` and `str` print it: many messages of OpenStack have them. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isJson(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `'${key}': ${pythonRepr(item)}`)
      .join(', ')}}`
  }
  return ''
}
