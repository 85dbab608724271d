import { signal } from '@preact/signals'
import type { FleetView, LiveView, RowsEvent, TenantView } from '../model.ts'

/** The state of the connection: `lost` is retried automatically, `signed out` needs a new link. */
export type Connection = 'connecting' | 'open' | 'lost' | 'signed out' | 'missing'

export const connection = signal<Connection>('open')

/** The content of each event, as streams.ts sends it. */
type Events = {
  readonly rows: RowsEvent
  readonly live: LiveView
  readonly tenant: TenantView
  readonly fleets: readonly FleetView[]
}
type Handlers = { readonly [Name in keyof Events]?: (data: Events[Name]) => void }

/** Listens until the returned function is called. */
export function listen(url: string, handlers: Handlers): () => void {
  const source = new EventSource(url)
  let isOver = false
  connection.value = 'connecting'
  source.addEventListener('open', () => {
    connection.value = 'open'
  })
  source.addEventListener('error', () => {
    if (isOver) return
    connection.value = 'lost'
    // an answer that is not a stream ends it for good, and gives no reason
    if (source.readyState === EventSource.CLOSED) {
      void whyNot(url).then((reason) => {
        if (!isOver) connection.value = reason
      })
    }
  })
  const hear = (name: keyof Events): void => {
    const handle: ((data: never) => void) | undefined = handlers[name]
    source.addEventListener(name, (event: MessageEvent<string>) => {
      // INVARIANT: the server is of the same build as its pages, and sends each event as in `Events`
      handle?.(JSON.parse(event.data) as never)
    })
  }
  hear('rows')
  hear('live')
  hear('tenant')
  hear('fleets')
  return () => {
    isOver = true
    source.close()
    connection.value = 'open'
  }
}

async function whyNot(url: string): Promise<Connection> {
  const stop = new AbortController()
  try {
    const { status } = await fetch(url, { signal: stop.signal })
    if (status === 401) return 'signed out'
    return status === 404 ? 'missing' : 'lost'
  } catch {
    return 'lost'
  } finally {
    stop.abort()
  }
}

/** One question, one answer. Throws an `Error` with a message for a person. */
export async function ask(url: string, signal?: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new Error('the console does not answer; it may have been stopped')
  })
  if (answer.status === 401) connection.value = 'signed out'
  const body: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return body
  const message = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : ''
  throw new Error(message === '' ? `the console answered ${answer.status}` : message)
}
