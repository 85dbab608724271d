/** What a story leaves behind on one cloud: for each step the status, the shape of the body, the words of a refusal. */

export type Step = {
  readonly label: string
  readonly status: number
  /** The kinds of value at each path; a list's elements share the path with `[]`. */
  readonly shape: Readonly<Record<string, string>>
  /** Of a refusal, without ids. */
  readonly message: string
  /** The names of the story's own rows, where the answer is a list of such. */
  readonly own: readonly string[]
  readonly contentType: string
  readonly hasRequestId: boolean
}

export type Reply = { readonly status: number; readonly body: unknown; readonly headers: Headers }

/** `run` is the prefix of every name that the story made. */
export function stepOf(label: string, reply: Reply, run: string): Step {
  const kinds = new Map<string, Set<string>>()
  collect(reply.body, '', kinds)
  return {
    label,
    status: reply.status,
    shape: Object.fromEntries([...kinds].map(([path, set]) => [path, [...set].sort().join(' or ')])),
    message: reply.status < 400 ? '' : messageOf(reply.body, run),
    own: ownNames(reply.body, run),
    contentType: reply.body === undefined ? '' : ((reply.headers.get('content-type') ?? '').split(';')[0] ?? ''),
    hasRequestId: reply.headers.has('x-openstack-request-id') || reply.headers.has('x-compute-request-id'),
  }
}

/** Objects whose keys are data and not fields. */
const OPEN = [/\.labels$/, /\.absolute$/, /addresses$/, /^health_status_reason$/, /\.options$/, /^catalog/, /\.catalog/]

function collect(value: unknown, path: string, kinds: Map<string, Set<string>>): void {
  const set = kinds.get(path) ?? new Set()
  kinds.set(path, set)
  if (Array.isArray(value)) {
    set.add('list')
    for (const item of value) collect(item, `${path}[]`, kinds)
  } else if (typeof value === 'object' && value !== null) {
    set.add('object')
    if (OPEN.some((open) => open.test(path))) return
    for (const [key, item] of Object.entries(value)) collect(item, path === '' ? key : `${path}.${key}`, kinds)
  } else set.add(value === null ? 'null' : value === undefined ? 'nothing' : typeof value)
}

function messageOf(body: unknown, run: string): string {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value)
    else if (Array.isArray(value)) value.forEach(walk)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  walk(body)
  const longest = found.reduce((best, each) => (each.length > best.length ? each : best), '')
  return plain(longest.split('\n')[0] ?? '', run)
}

/** Without what differs from run to run. */
export function plain(text: string, run: string): string {
  return text
    .replaceAll(run, '<run>')
    .replace(/req-[0-9a-f-]{36}/g, '<request>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>')
    .replace(/\b[0-9a-f]{32}\b/g, '<id>')
    .replace(/https?:\/\/[^/\s"]+/g, '<host>')
    .replace(/\b203\.0\.113\.\d+/g, '<address>')
}

function ownNames(body: unknown, run: string): readonly string[] {
  if (typeof body !== 'object' || body === null) return []
  const lists = Object.values(body).filter((value): value is unknown[] => Array.isArray(value))
  const names = lists.flat().flatMap((row): readonly string[] => {
    const name: unknown =
      typeof row === 'object' && row !== null ? Object.entries(row).find(([key]) => key === 'name')?.[1] : undefined
    return typeof name === 'string' && name.startsWith(run) ? [name.replace(run, '<run>')] : []
  })
  return names.sort()
}

export type Difference = {
  readonly step: string
  readonly what: string
  readonly lab: string
  readonly simulator: string
}

/** Everything in which two transcripts of one story differ. */
export function differences(lab: readonly Step[], simulator: readonly Step[]): readonly Difference[] {
  const found: Difference[] = []
  const count = Math.max(lab.length, simulator.length)
  for (let index = 0; index < count; index += 1) {
    const [one, other] = [lab[index], simulator[index]]
    const step = one?.label ?? other?.label ?? ''
    if (one === undefined || other === undefined || one.label !== other.label) {
      found.push({ step, what: 'step', lab: one?.label ?? 'absent', simulator: other?.label ?? 'absent' })
      return found
    }
    found.push(...compareSteps(one, other))
  }
  return found
}

function compareSteps(lab: Step, simulator: Step): readonly Difference[] {
  const step = lab.label
  const found: Difference[] = []
  const note = (what: string, one: string, other: string): void => {
    if (one !== other) found.push({ step, what, lab: one, simulator: other })
  }
  note('status', String(lab.status), String(simulator.status))
  if (lab.status !== simulator.status) return found
  note('words', lab.message, simulator.message)
  note('content type', lab.contentType, simulator.contentType)
  note('request id', String(lab.hasRequestId), String(simulator.hasRequestId))
  note('own rows', lab.own.join(', '), simulator.own.join(', '))
  for (const path of new Set([...Object.keys(lab.shape), ...Object.keys(simulator.shape)])) {
    const [one, other] = [lab.shape[path], simulator.shape[path]]
    if (isHidden(path, lab, simulator)) continue
    if (one === undefined || other === undefined) note(path, one ?? 'absent', other ?? 'absent')
    else if (!shareKind(one, other)) note(path, one, other)
  }
  return found
}

/** What lies below an absent or empty parent says nothing of its own. */
function isHidden(path: string, lab: Step, simulator: Step): boolean {
  const parent = path.includes('[]') ? path.slice(0, path.lastIndexOf('[]') + 2) : path
  for (const step of [lab, simulator]) {
    if (parent.endsWith('[]') && step.shape[parent] === undefined) return true
    const above = path.split('.').slice(0, -1).join('.')
    if (above !== '' && step.shape[above] === undefined) return true
    if (above !== '' && step.shape[above] === 'null') return true
  }
  return false
}

function shareKind(one: string, other: string): boolean {
  const kinds = other.split(' or ')
  return one.split(' or ').some((kind) => kinds.includes(kind))
}
