/**
 * From nodes to values, with YAML 1.1's meaning of plain words: `no` is false, `1:30` is ninety, `2026-01-01` a date.
 * PyYAML 6.0, lib/yaml/resolver.py and constructor.py, SafeLoader.
 */
import { pythonFloat } from './value.ts'
import { YamlError } from './yaml-text.ts'
import type { YamlPosition } from './yaml-text.ts'
import type { YamlMapping, YamlNode } from './yaml-composer.ts'

/** A date or a time: neither text nor list nor empty, and a policy needs to know no more of it. */
export const yamlDate: unique symbol = Symbol('date')

/** An entry of the outermost mapping, as written. */
export type YamlMember = {
  readonly key: unknown
  readonly value: unknown
  readonly place: YamlPosition
  readonly isQuoted: boolean
}

/**
 * The content of the document: text, null, booleans, numbers, `yamlDate`, arrays, and Maps with keys of any of these.
 * The members are those of a Map, later ones of the same key included.
 */
export function readYaml(node: YamlNode): { readonly value: unknown; readonly members: readonly YamlMember[] } {
  return new Constructor().read(node)
}

const prefix = 'tag:yaml.org,2002:'

// The patterns end in Python's `$`, which also matches before a final line break.
const resolvers: readonly (readonly [string, RegExp])[] = [
  ['bool', /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\n?$/],
  [
    'float',
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\n?$/,
  ],
  [
    'int',
    /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\n?$/,
  ],
  ['merge', /^<<\n?$/],
  ['null', /^(?:~|null|Null|NULL|)\n?$/],
  [
    'timestamp',
    /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)\n?$/,
  ],
  ['value', /^=\n?$/],
  ['yaml', /^[!&*]\n?$/],
]

/** The tag of a node, given or from its text, without the prefix of YAML's own tags. */
function tagOf(node: YamlNode): string {
  if (node.tag !== undefined) return node.tag.startsWith(prefix) ? node.tag.slice(prefix.length) : `?${node.tag}`
  if (node.kind === 'sequence') return 'seq'
  if (node.kind === 'mapping') return 'map'
  if (!node.isResolved) return 'str'
  return resolvers.find(([, pattern]) => pattern.test(node.text))?.[0] ?? 'str'
}

class Constructor {
  /** A node that is used twice is one value, and may contain itself. */
  readonly #values = new Map<YamlNode, unknown>()
  /** `=` as a key is text, once its mapping was read. */
  readonly #textKeys = new Set<YamlNode>()
  /** Collections are filled after they were returned, outermost first, as in PyYAML. */
  readonly #unfilled: (() => void)[] = []

  read(node: YamlNode): { readonly value: unknown; readonly members: readonly YamlMember[] } {
    const value = this.#construct(node)
    for (let fill = this.#unfilled.shift(); fill !== undefined; fill = this.#unfilled.shift()) fill()
    const entries = node.kind === 'mapping' && value instanceof Map ? this.#entries(node) : []
    const members = entries.map(([key, held]) => ({
      key,
      value: this.#construct(held),
      place: held.place,
      isQuoted: held.kind === 'scalar' && (held.style === 'single' || held.style === 'double'),
    }))
    return { value, members }
  }

  #construct(node: YamlNode): unknown {
    if (this.#values.has(node)) return this.#values.get(node)
    const value = this.#create(node)
    this.#values.set(node, value)
    return value
  }

  #create(node: YamlNode): unknown {
    const tag = this.#textKeys.has(node) ? 'str' : tagOf(node)
    switch (tag) {
      case 'seq':
        return this.#sequence(node)
      case 'map':
        return this.#mapping(node)
      case 'str':
        return this.#text(node)
      case 'null':
        this.#text(node)
        return null
      case 'bool':
        return booleanOf(this.#text(node), node)
      case 'int':
        return intOf(this.#text(node), node)
      case 'float':
        return floatOf(this.#text(node), node)
      case 'timestamp':
        return dateOf(this.#text(node), node)
      default:
        // binary, sets and ordered maps could be built, but a policy never needs one
        throw new YamlError('a value of this kind is not possible in a policy', node.place)
    }
  }

  #text(node: YamlNode): string {
    if (node.kind === 'scalar') return node.text
    const entry = node.kind === 'mapping' ? node.entries.find(([key]) => tagOf(key) === 'value') : undefined
    if (entry === undefined) throw new YamlError('this must be text', node.place)
    return this.#text(entry[1])
  }

  #sequence(node: YamlNode): unknown[] {
    const items: unknown[] = []
    this.#unfilled.push(() => {
      if (node.kind !== 'sequence') throw new YamlError('this must be a list', node.place)
      for (const item of node.items) items.push(this.#construct(item))
    })
    return items
  }

  #mapping(node: YamlNode): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>()
    this.#unfilled.push(() => {
      if (node.kind !== 'mapping') throw new YamlError('this must be a mapping', node.place)
      for (const [key, value] of this.#entries(node)) map.set(key, this.#construct(value))
    })
    return map
  }

  /** Keys as values, with the nodes of their values. */
  #entries(node: YamlMapping): readonly (readonly [unknown, YamlNode])[] {
    this.#merge(node)
    return node.entries.map(([keyNode, value]) => {
      const key = this.#construct(keyNode)
      if (Array.isArray(key) || key instanceof Map) {
        throw new YamlError('a list or a mapping cannot be a key', keyNode.place)
      }
      return [key, value]
    })
  }

  /** `<<` puts another mapping's entries before its own. */
  #merge(node: YamlMapping): void {
    const merged: (typeof node.entries)[number][] = []
    const own: (typeof node.entries)[number][] = []
    const entries = node.entries
    // removed first: a mapping may merge itself
    node.entries = entries.filter(([key]) => tagOf(key) !== 'merge')
    for (const entry of entries) {
      const [key, value] = entry
      switch (tagOf(key)) {
        case 'merge':
          merged.push(...this.#mergedFrom(value))
          break
        case 'value':
          this.#textKeys.add(key)
          own.push(entry)
          break
        default:
          own.push(entry)
      }
    }
    node.entries = [...merged, ...own]
  }

  #mergedFrom(value: YamlNode): YamlMapping['entries'] {
    const sources = value.kind === 'sequence' ? [...value.items].reverse() : [value]
    return sources.flatMap((source) => {
      if (source.kind !== 'mapping') throw new YamlError('only mappings can be merged', source.place)
      this.#merge(source)
      return source.entries
    })
  }
}

function fail(node: YamlNode, what: string): never {
  throw new YamlError(`this is not ${what}`, node.place)
}

function booleanOf(text: string, node: YamlNode): boolean {
  const lower = text.toLowerCase()
  if (['yes', 'true', 'on'].includes(lower)) return true
  return ['no', 'false', 'off'].includes(lower) ? false : fail(node, 'a boolean')
}

function intOf(text: string, node: YamlNode): number | bigint {
  const [, sign, digits] = /^([-+]?)(\S+)\s*$/.exec(text.replaceAll('_', '')) ?? []
  if (sign === undefined || digits === undefined) return fail(node, 'an integer')
  const value = magnitude(digits, node)
  const signed = sign === '-' ? -value : value
  return BigInt(Number(signed)) === signed && Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
}

function magnitude(digits: string, node: YamlNode): bigint {
  if (/^0b[01]+$/.test(digits) || /^0x[0-9a-fA-F]+$/.test(digits)) return BigInt(digits)
  if (/^0[0-7]*$/.test(digits)) return digits === '0' ? 0n : BigInt(`0o${digits}`)
  if (/^[1-9][0-9]*$/.test(digits)) return digits.length > 4300 ? fail(node, 'an integer') : BigInt(digits)
  if (!/^[0-9]+(?::[0-9]+)+$/.test(digits)) return fail(node, 'an integer')
  return digits.split(':').reduce((value, part) => value * 60n + BigInt(part), 0n)
}

function floatOf(text: string, node: YamlNode): unknown {
  const [, sign, digits] = /^([-+]?)(\S+)\s*$/.exec(text.replaceAll('_', '').toLowerCase()) ?? []
  if (sign === undefined || digits === undefined) return fail(node, 'a number')
  const value = unsignedFloat(digits)
  if (value === undefined) return fail(node, 'a number')
  return pythonFloat(sign === '-' ? -value : value)
}

function unsignedFloat(digits: string): number | undefined {
  if (digits === '.inf') return Infinity
  if (digits === '.nan') return NaN
  if (/^[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?$/.test(digits)) {
    return digits.split(':').reduce((value, part) => value * 60 + Number(part), 0)
  }
  return /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(digits) ? Number(digits) : undefined
}

const timestamp =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+]([0-9]{1,2})(?::([0-9]{2}))?))?)?\n?$/

function dateOf(text: string, node: YamlNode): typeof yamlDate {
  const [whole, ...parts] = timestamp.exec(text) ?? []
  if (whole === undefined) return fail(node, 'a date')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone = 0, zoneMinute = 0] = parts.map((part) =>
    Number((part as string | undefined) ?? 0),
  )
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  const isDay = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days
  const isTime = hour < 24 && minute < 60 && second < 60 && zone * 60 + zoneMinute < 24 * 60
  return isDay && isTime ? yamlDate : fail(node, 'a date')
}
