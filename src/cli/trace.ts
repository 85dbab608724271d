/**
 * The requests of one command as a picture of its waiting, in Chrome's trace format: chrome://tracing, Perfetto and
 * Speedscope open it. Format: "Trace Event Format" of the Chromium project.
 */
import { visibleJson } from '../visible.ts'
import type { Exchange } from '../openstack/exchange.ts'

/** From the sending of a request until its answer was read; in milliseconds of one clock. */
export type Span = { readonly began: number; readonly ended: number }

type Request = Span & { readonly exchange: Exchange }

/** An `Exchange` says its duration in tenths of a millisecond. */
const rounding = 0.1

export class RequestTrace {
  readonly #began = performance.now()
  readonly #requests: Request[] = []

  /** Call it when the answer is there. */
  note(exchange: Exchange): void {
    const ended = performance.now() - this.#began
    this.#requests.push({ began: Math.max(0, ended - exchange.ms), ended, exchange })
  }

  /** JSON. Has the paths of the requests with their ids, no header and no body, so no secret. */
  text(): string {
    return `${visibleJson(JSON.stringify({ displayTimeUnit: 'ms', traceEvents: eventsOf(this.#requests) }))}\n`
  }
}

/**
 * For each request the one that it waited for, as far as times tell: whose answer came last before it was sent. By
 * index; `undefined` for what nothing came before.
 */
export function waitsOf(spans: readonly Span[]): readonly (number | undefined)[] {
  const byEnd = spans.map((_, index) => index).sort((a, b) => endOf(spans, a) - endOf(spans, b))
  return spans.map(({ began }, index) => {
    let low = 0
    let high = byEnd.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (endOf(spans, byEnd[middle]) <= began + rounding) low = middle + 1
      else high = middle
    }
    // one that took no measurable time is not before itself
    const earlier = byEnd[low - 1] === index ? byEnd[low - 2] : byEnd[low - 1]
    return earlier
  })
}

/** The limit of the whole: the request that ended last, what it waited for, and so on, from the first one on. By index. */
export function chainOf(spans: readonly Span[]): readonly number[] {
  const waits = waitsOf(spans)
  const chain = new Set<number>()
  let next = spans.reduce<number | undefined>(
    (last, { ended }, index) => (last === undefined || ended > endOf(spans, last) ? index : last),
    undefined,
  )
  while (next !== undefined && !chain.has(next)) {
    chain.add(next)
    next = waits[next]
  }
  return [...chain].reverse()
}

function endOf(spans: readonly Span[], index: number | undefined): number {
  return index === undefined ? 0 : (spans[index]?.ended ?? 0)
}

/** One process for each actor; its rows hold what is under way at the same time. */
function eventsOf(requests: readonly Request[]): readonly object[] {
  const waits = waitsOf(requests)
  const chain = new Set(chainOf(requests))
  const actors = [...new Set(requests.map(({ exchange }) => exchange.actor))]
  const places = placesOf(requests, actors)
  const events: object[] = actors.map((actor, index) => ({
    ph: 'M',
    name: 'process_name',
    pid: index + 1,
    args: { name: actor },
  }))
  requests.forEach((request, index) => {
    const { service, method, path, status, attempt, requestId } = request.exchange
    const waited = waits[index]
    const place = places.get(index)
    const ts = microseconds(request.began)
    events.push({
      ph: 'X',
      name: `${method} ${path.split('?')[0] ?? path}`,
      cat: service,
      ...place,
      ts,
      dur: microseconds(request.ended) - ts,
      args: {
        request: index,
        service,
        method,
        path,
        status: status ?? 'no answer',
        ...(attempt === 1 ? {} : { attempt }),
        ...(requestId === undefined ? {} : { request_id: requestId }),
        ...(waited === undefined ? {} : { waited_for: waited }),
        in_chain: chain.has(index),
      },
    })
    const before = waited === undefined ? undefined : requests[waited]
    if (waited === undefined || before === undefined) return
    const arrow = { name: 'waited for', cat: 'wait', id: index }
    // an arrow begins inside of its span
    events.push({ ph: 's', ...arrow, ...places.get(waited), ts: Math.max(0, microseconds(before.ended) - 1) })
    events.push({ ph: 'f', bp: 'e', ...arrow, ...place, ts })
  })
  return events
}

type Place = { readonly pid: number; readonly tid: number }

/** The first row of its actor that is free when it begins. By the index of the request. */
function placesOf(requests: readonly Request[], actors: readonly string[]): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>()
  const rows = actors.map((): number[] => [])
  const inOrder = requests.map((request, index) => ({ ...request, index })).sort((a, b) => a.began - b.began)
  for (const { exchange, began, ended, index } of inOrder) {
    const actor = actors.indexOf(exchange.actor)
    const own = rows[actor] ?? []
    const free = own.findIndex((until) => until <= began)
    const row = free === -1 ? own.length : free
    own[row] = ended
    places.set(index, { pid: actor + 1, tid: row + 1 })
  }
  return places
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}
