/**
 * What was asked, by whom, and what was answered: until we change something that the answer may be about, or a minute has
 * passed (docs/decisions/0204).
 */
import type { Exchange, HttpAnswer } from './exchange.ts'
import type { Request } from './request.ts'

/** An answer that is older is no look any more. Milliseconds. */
const freshForMs = 60_000

type Remembered = {
  readonly answer: Promise<HttpAnswer>
  /** The requests that showed it, for whoever cites it. */
  readonly exchanges: readonly Exchange[]
  readonly askedAt: number
  readonly version: string
}

/** Of one identity. */
export class Memory {
  readonly #answers = new Map<string, Remembered>()
  readonly #changes: Changes

  constructor(changes: Changes) {
    this.#changes = changes
  }

  /** What is still true of it as far as we know. `now` in milliseconds. */
  recall(request: Request, now: number): Remembered | undefined {
    const known = this.#answers.get(keyOf(request))
    if (known === undefined || known.version !== this.#changes.versionFor(request)) return undefined
    return now - known.askedAt <= freshForMs ? known : undefined
  }

  /** Asks, and keeps the answer. */
  ask(
    request: Request,
    now: number,
    send: (record: (exchange: Exchange) => void) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const key = keyOf(request)
    const exchanges: Exchange[] = []
    const version = this.#changes.versionFor(request)
    const answer = send((exchange) => exchanges.push(exchange))
    const kept = { answer, exchanges, askedAt: now, version }
    this.#answers.set(key, kept)
    // a failure is not a fact about the cloud: the next one asks again
    answer.catch(() => {
      if (this.#answers.get(key) === kept) this.#answers.delete(key)
    })
    return answer
  }
}

/** What this process has changed on one cloud: how often, by part. */
export class Changes {
  readonly #counts = new Map<string, number>()

  /** Once before a request that changes something and once after it: what was asked in between may show either. */
  note(request: Pick<Request, 'service' | 'path'>): void {
    for (const part of touchedBy(request)) this.#counts.set(part, (this.#counts.get(part) ?? 0) + 1)
  }

  versionFor(request: Pick<Request, 'service' | 'path'>): string {
    return `${this.#counts.get(everything) ?? 0} ${this.#counts.get(partOf(request)) ?? 0}`
  }
}

const byCloud = new Map<string, Changes>()

/** One for all sessions on a Keystone, so that none remembers what another one has changed. */
export function changesAt(authUrl: string): Changes {
  const known = byCloud.get(authUrl) ?? new Changes()
  byCloud.set(authUrl, known)
  return known
}

const everything = 'everything'

/** The limits of a project and the configuration of a domain change by their own requests only. */
function partOf({ service, path }: Pick<Request, 'service' | 'path'>): string {
  if (service === 'identity' && /\/config(\/|$)/.test(path)) return 'identity config'
  return isLimit(path) ? `${service} limits` : service
}

function isLimit(path: string): boolean {
  return /quota/.test(path)
}

/**
 * Services that make things in others: a cluster, a stack, a load balancer or a server is also ports, volumes, trusts.
 * Their limits, and Magnum's templates, are nothing but rows of their own.
 */
function touchedBy(request: Pick<Request, 'service' | 'path'>): readonly string[] {
  const { service, path } = request
  const part = partOf(request)
  // Keystone may keep the limits of any service
  if (service === 'identity' && path.includes('limits')) return [everything]
  if (part !== service) return [part]
  const isOwnRow =
    service === 'identity' ||
    service === 'network' ||
    service === 'image' ||
    service === 'key-manager' ||
    path.startsWith('/os-keypairs') ||
    path.startsWith('/clustertemplates')
  // what is used counts against a limit, and the answer about the limit tells it
  return isOwnRow ? [service, `${service} limits`] : [everything]
}

function keyOf({ service, path, query, microversion, headers }: Request): string {
  return JSON.stringify([service, path, query, microversion, headers])
}
