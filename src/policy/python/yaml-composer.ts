/**
 * From tokens to a tree of nodes, with anchors and aliases. PyYAML 6.0, lib/yaml/parser.py and composer.py; its state
 * machine is plain recursion here.
 */
import { YamlScanner } from './yaml-scanner.ts'
import { YamlError } from './yaml-text.ts'
import type { YamlPosition } from './yaml-text.ts'
import type { ScalarStyle, YamlToken } from './yaml-token.ts'

/** Sequences and mappings are filled while they are read, because an alias inside may refer back to them. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping

export type YamlScalar = {
  readonly kind: 'scalar'
  /** `undefined` if the text decides its type. */
  readonly tag: string | undefined
  readonly text: string
  readonly style: ScalarStyle
  readonly isResolved: boolean
  readonly place: YamlPosition
}

type YamlSequence = {
  readonly kind: 'sequence'
  readonly tag: string | undefined
  readonly items: YamlNode[]
  readonly place: YamlPosition
}

export type YamlMapping = {
  readonly kind: 'mapping'
  readonly tag: string | undefined
  /** Merge keys are removed when the mapping is read. */
  entries: Entry[]
  readonly place: YamlPosition
}

type Entry = readonly [YamlNode, YamlNode]

/** The only document of the text; `undefined` if there is none. Throws YamlError. */
export function composeYaml(text: string): YamlNode | undefined {
  return new Composer(text).compose()
}

const defaultTags: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
]

/** Python gives up near a thousand frames. */
const deepest = 300

class Composer {
  readonly #scanner: YamlScanner
  readonly #anchors = new Map<string, YamlNode>()
  readonly #tags = new Map(defaultTags)
  #depth = 0

  constructor(text: string) {
    this.#scanner = new YamlScanner(text)
  }

  compose(): YamlNode | undefined {
    const node = this.#document()
    while (this.#is('document-end')) this.#scanner.take()
    const after = this.#scanner.peek()
    if (after.kind !== 'stream-end') throw new YamlError('a second document is not allowed', after.place)
    return node
  }

  #document(): YamlNode | undefined {
    if (this.#is('stream-end')) return undefined
    if (!this.#is('directive', 'document-start')) return this.#node('block')
    this.#directives()
    const start = this.#scanner.take()
    if (start.kind !== 'document-start') throw new YamlError('`---` is missing after the directives', start.place)
    if (this.#is('directive', 'document-start', 'document-end', 'stream-end')) return this.#empty()
    return this.#node('block')
  }

  #directives(): void {
    const handles = new Set<string>()
    let hasVersion = false
    for (let token = this.#scanner.peek(); token.kind === 'directive'; token = this.#scanner.peek()) {
      this.#scanner.take()
      if (token.name === 'YAML') {
        if (hasVersion) throw new YamlError('a second %YAML', token.place)
        if (Number(token.major) !== 1) throw new YamlError('only YAML 1 is supported', token.place)
        hasVersion = true
      }
      if (token.handle === undefined || token.prefix === undefined) continue
      if (handles.has(token.handle)) throw new YamlError(`a second %TAG for ${token.handle}`, token.place)
      handles.add(token.handle)
      this.#tags.set(token.handle, token.prefix)
    }
  }

  #is(...kinds: readonly YamlToken['kind'][]): boolean {
    return kinds.includes(this.#scanner.peek().kind)
  }

  #takeIf(kind: YamlToken['kind']): boolean {
    if (!this.#is(kind)) return false
    this.#scanner.take()
    return true
  }

  #empty(): YamlNode {
    const { place } = this.#scanner.peek()
    return { kind: 'scalar', tag: undefined, text: '', style: 'plain', isResolved: true, place }
  }

  #node(context: 'block' | 'block-or-indentless' | 'flow'): YamlNode {
    if (++this.#depth > deepest) throw new YamlError('nested too deeply', this.#scanner.peek().place)
    const node = this.#content(context)
    this.#depth--
    return node
  }

  #content(context: 'block' | 'block-or-indentless' | 'flow'): YamlNode {
    const first = this.#scanner.peek()
    if (first.kind === 'alias') {
      this.#scanner.take()
      const node = this.#anchors.get(first.name)
      if (node === undefined) throw new YamlError(`there is no anchor \`&${first.name}\``, first.place)
      return node
    }
    const { anchor, tag } = this.#properties()
    const token = this.#scanner.peek()
    const place = token.place
    const save = (node: YamlNode): YamlNode => {
      if (anchor !== undefined) this.#anchors.set(anchor, node)
      return node
    }
    if (anchor !== undefined && this.#anchors.has(anchor)) {
      throw new YamlError(`a second anchor \`&${anchor}\``, first.place)
    }
    const collection = tag === '!' ? undefined : tag
    if (context === 'block-or-indentless' && token.kind === 'entry') {
      const items: YamlNode[] = []
      const node = save({ kind: 'sequence', tag: collection, items, place })
      this.#blockEntries(items, 'indentless')
      return node
    }
    if (token.kind === 'scalar') {
      this.#scanner.take()
      const isResolved = (token.style === 'plain' && tag === undefined) || tag === '!'
      const { text, style } = token
      return save({ kind: 'scalar', tag: collection, text, style, isResolved, place })
    }
    if (token.kind === '[') {
      const items: YamlNode[] = []
      const node = save({ kind: 'sequence', tag: collection, items, place })
      this.#flowSequence(items)
      return node
    }
    if (token.kind === '{') {
      const entries: Entry[] = []
      const node = save({ kind: 'mapping', tag: collection, entries, place })
      this.#flowMapping(entries)
      return node
    }
    if (context !== 'flow' && token.kind === 'block-sequence') {
      const items: YamlNode[] = []
      const node = save({ kind: 'sequence', tag: collection, items, place })
      this.#scanner.take()
      this.#blockEntries(items, 'indented')
      return node
    }
    if (context !== 'flow' && token.kind === 'block-mapping') {
      const entries: Entry[] = []
      const node = save({ kind: 'mapping', tag: collection, entries, place })
      this.#blockMapping(entries)
      return node
    }
    if (anchor === undefined && tag === undefined) throw new YamlError('a value is missing', place)
    // `implicit` of an empty scalar is that of its tag: `!` alone is null, `!!str` alone is an empty text
    const isResolved = tag === undefined || tag === '!'
    return save({ kind: 'scalar', tag: collection, text: '', style: 'plain', isResolved, place: first.place })
  }

  #properties(): { readonly anchor: string | undefined; readonly tag: string | undefined } {
    let anchor: string | undefined
    let tag: string | undefined
    for (let token = this.#scanner.peek(); ; token = this.#scanner.peek()) {
      if (token.kind === 'anchor' && anchor === undefined) anchor = token.name
      else if (token.kind === 'tag' && tag === undefined) tag = this.#tagOf(token.handle, token.suffix, token.place)
      else return { anchor, tag }
      this.#scanner.take()
    }
  }

  #tagOf(handle: string | undefined, suffix: string, place: YamlPosition): string {
    if (handle === undefined) return suffix
    const prefix = this.#tags.get(handle)
    if (prefix === undefined) throw new YamlError(`there is no tag handle \`${handle}\``, place)
    return prefix + suffix
  }

  #blockEntries(items: YamlNode[], kind: 'indented' | 'indentless'): void {
    while (this.#takeIf('entry')) {
      const isEmpty =
        kind === 'indented' ? this.#is('entry', 'block-end') : this.#is('entry', 'key', 'value', 'block-end')
      items.push(isEmpty ? this.#empty() : this.#node('block'))
    }
    if (kind === 'indented') this.#blockEnd()
  }

  #blockEnd(): void {
    const token = this.#scanner.take()
    if (token.kind !== 'block-end') throw new YamlError('this does not belong to the value before it', token.place)
  }

  #blockMapping(entries: Entry[]): void {
    this.#scanner.take()
    for (;;) {
      // no rule allows a value without a key, but an empty key produces one
      if (!this.#takeIf('key')) break
      const key = this.#is('key', 'value', 'block-end') ? this.#empty() : this.#node('block-or-indentless')
      const hasValue = this.#takeIf('value') && !this.#is('key', 'value', 'block-end')
      entries.push([key, hasValue ? this.#node('block-or-indentless') : this.#empty()])
    }
    this.#blockEnd()
  }

  #flowSequence(items: YamlNode[]): void {
    this.#scanner.take()
    for (let isFirst = true; !this.#is(']'); isFirst = false) {
      if (!isFirst) this.#comma()
      if (this.#is(']')) break
      const { place } = this.#scanner.peek()
      if (!this.#takeIf('key')) items.push(this.#node('flow'))
      else {
        const key = this.#is('value', ',', ']') ? this.#empty() : this.#node('flow')
        const hasValue = this.#takeIf('value') && !this.#is(',', ']')
        const entries: Entry[] = [[key, hasValue ? this.#node('flow') : this.#empty()]]
        items.push({ kind: 'mapping', tag: undefined, entries, place })
      }
    }
    this.#scanner.take()
  }

  #comma(): void {
    const token = this.#scanner.take()
    if (token.kind !== ',') throw new YamlError('a `,` is missing', token.place)
  }

  #flowMapping(entries: Entry[]): void {
    this.#scanner.take()
    for (let isFirst = true; !this.#is('}'); isFirst = false) {
      if (!isFirst) this.#comma()
      if (this.#is('}')) break
      if (!this.#takeIf('key')) entries.push([this.#node('flow'), this.#empty()])
      else {
        const key = this.#is('value', ',', '}') ? this.#empty() : this.#node('flow')
        const hasValue = this.#takeIf('value') && !this.#is(',', '}')
        entries.push([key, hasValue ? this.#node('flow') : this.#empty()])
      }
    }
    this.#scanner.take()
  }
}
