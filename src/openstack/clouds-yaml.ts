/**
 * clouds.yaml, secure.yaml and clouds-public.yaml: where they are looked for, and their content with the place of each
 * value.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, YAMLMap } from 'yaml'
import type { Problem } from '../errors.ts'

export type FilePosition = { readonly file: string; readonly line?: number; readonly column?: number }

export type Placed =
  | { readonly kind: 'scalar'; readonly value: string | undefined; readonly at: FilePosition }
  | { readonly kind: 'list'; readonly items: readonly Placed[]; readonly at: FilePosition }
  | PlacedMap

export type PlacedMap = {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Placed>
  readonly at: FilePosition
}

/** The text of a file, `undefined` if it is missing or unreadable. */
export type ReadText = (path: string) => Promise<string | undefined>

/**
 * The paths in their order; only the first existing one counts. openstacksdk 0.101, openstack/config/loader.py,
 * CONFIG_SEARCH_PATH and CONFIG_FILES.
 */
export function searchPaths(
  stem: string,
  from: { readonly env: Readonly<Record<string, string | undefined>>; readonly home: string; readonly cwd: string },
): readonly string[] {
  const configHome = from.env['XDG_CONFIG_HOME'] ?? `${from.home}/.config`
  // in a snap `HOME` is another folder; the user's files are in the real one
  const unixHome = `${from.env['SNAP_REAL_HOME'] ?? from.home}/.config`
  const folders = [from.cwd, `${configHome}/openstack`, `${unixHome}/openstack`, '/etc/xdg/openstack', '/etc/openstack']
  return [...new Set(folders)].flatMap((folder) => ['yaml', 'yml', 'json'].map((end) => `${folder}/${stem}.${end}`))
}

/** Parses it like PyYAML (YAML 1.1). Returns problems with their places, and what could be read. */
export function parseCloudsYaml(
  text: string,
  file: string,
): { readonly root: PlacedMap; readonly problems: readonly Problem[] } {
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseDocument(text, {
      version: '1.1',
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: text.length < 100_000,
    })
  } catch {
    return { root: emptyMap(file), problems: [unreadable(file)] }
  }
  const problems: Problem[] = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return { file, line, column: col, message: firstLine(error.message) }
  })
  if (problems.length > 0 || document.contents === null) return { root: emptyMap(file), problems }
  try {
    const root = placed(document.contents, { file, lines, document, known: new Map() })
    if (root.kind === 'map') return { root, problems }
    return { root: emptyMap(file), problems: [{ ...root.at, message: 'this is not a mapping with `clouds:`' }] }
  } catch {
    return { root: emptyMap(file), problems: [unreadable(file)] }
  }
}

function emptyMap(file: string): PlacedMap {
  return { kind: 'map', entries: new Map(), at: { file } }
}

/** More levels than the stack has: no entry of a cloud needs that. */
function unreadable(file: string): Problem {
  return {
    file,
    line: 1,
    message: 'this is nested too deeply to be read',
    hint: 'the format is that of openstackclient',
  }
}

type Source = {
  readonly file: string
  readonly lines: LineCounter
  readonly document: Document
  /** Targets of aliases, each only once, so that neither a circle nor a bomb of aliases is followed. */
  readonly known: Map<unknown, Placed>
}

function placed(node: unknown, source: Source): Placed {
  if (isAlias(node)) return aliased(node.resolve(source.document), source)
  if (isMap(node)) return placedMap(node, source)
  if (isSeq(node)) {
    return { kind: 'list', items: node.items.map((item) => placed(item, source)), at: placeOf(node, source) }
  }
  if (!isScalar(node)) return { kind: 'scalar', value: undefined, at: { file: source.file } }
  // Scalars as they were written: a password of digits, or `yes`, is a text, and YAML would change it.
  const isNull = node.value === null || node.value === undefined
  const value = isNull ? undefined : typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
  return { kind: 'scalar', value, at: placeOf(node, source) }
}

function aliased(node: unknown, source: Source): Placed {
  const known = source.known.get(node)
  if (known !== undefined) return known
  source.known.set(node, { kind: 'scalar', value: undefined, at: { file: source.file } })
  const made = placed(node, source)
  source.known.set(node, made)
  return made
}

function placedMap(node: YAMLMap, source: Source): PlacedMap {
  const entries = new Map<string, Placed>()
  const below: PlacedMap[] = []
  for (const pair of node.items) {
    const name = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : 'this key is not text'
    const value = placed(pair.value, source)
    if (name === '<<')
      below.push(...(value.kind === 'list' ? value.items : [value]).filter((item) => item.kind === 'map'))
    else entries.set(name, value)
  }
  for (const map of below) for (const [key, value] of map.entries) if (!entries.has(key)) entries.set(key, value)
  return { kind: 'map', entries, at: placeOf(node, source) }
}

function placeOf(node: Node, { file, lines }: Source): FilePosition {
  if (node.range === null || node.range === undefined) return { file }
  const { line, col } = lines.linePos(node.range[0])
  return { file, line, column: col }
}

/**
 * The second over the first: maps are merged key by key, anything else is replaced. openstack/config/_util.py,
 * merge_clouds.
 */
export function merged(under: PlacedMap, over: PlacedMap): PlacedMap {
  const entries = new Map(under.entries)
  for (const [key, value] of over.entries) {
    const known = entries.get(key)
    entries.set(key, known?.kind === 'map' && value.kind === 'map' ? merged(known, value) : value)
  }
  return { kind: 'map', entries, at: under.at.line === undefined ? over.at : under.at }
}

/**
 * Keys with dashes mean those with underscores: openstack/config/_util.py, normalize_keys. Not for the names of clouds.
 */
export function normalized(map: PlacedMap): PlacedMap {
  const entries = new Map<string, Placed>()
  for (const [key, value] of map.entries) {
    entries.set(key.replaceAll('-', '_'), value.kind === 'map' ? normalized(value) : value)
  }
  return { kind: 'map', entries, at: map.at }
}

/** The map at a key, `undefined` if there is none. */
export function mapAt(map: PlacedMap, key: string): PlacedMap | undefined {
  const value = map.entries.get(key)
  return value?.kind === 'map' ? value : undefined
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
