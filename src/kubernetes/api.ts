/**
 * Reads the API of one cluster: its own CA, a client certificate, lists page by page. It changes nothing, and calls no
 * other program.
 */
import { CloudError } from '../errors.ts'
import { exchange } from '../openstack/exchange.ts'
import type { Fetch, TlsIdentity } from '../openstack/http.ts'
import { isRecord, listOf, object, optional, record, ShapeError, text } from '../openstack/shape.ts'
import type { Read } from '../openstack/shape.ts'
import type { Secret } from '../secret.ts'

export type KubernetesOptions = {
  /** `https://203.0.113.7:6443` */
  readonly address: string
  readonly identity: TlsIdentity
  /** In place of a client certificate. */
  readonly token?: Secret | undefined
  readonly fetch: Fetch
  /** Milliseconds for one request, answer included. */
  readonly deadlineMs?: number
}

export type Kubernetes = {
  /** A whole collection, `/api/v1/nodes`. Throws `CloudError` with `kubernetes` as its service. */
  readonly list: <T>(path: string, read: Read<T>, options?: ListOptions) => Promise<readonly T[]>
}

export type ListOptions = {
  readonly query?: Readonly<Record<string, string>>
  /** The answer is read as it came, because secrets that are known already would be masked in it. `read` makes them `Secret`s. */
  readonly isSecret?: boolean
}

/** Objects in one answer: the API returns chunks of this size, and a token for the next. */
const chunk = 500

/** Sends nothing yet. */
export function openKubernetes({
  address,
  identity,
  token,
  fetch,
  deadlineMs = 15_000,
}: KubernetesOptions): Kubernetes {
  const headers = {
    Accept: 'application/json',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token.reveal()}` }),
  }
  return {
    async list(path, read, { query = {}, isSecret = false } = {}) {
      const items = []
      for (let next: string | undefined = ''; next !== undefined;) {
        const asked = new URLSearchParams({
          ...query,
          limit: String(chunk),
          ...(next === '' ? {} : { continue: next }),
        })
        const url = `${address.replace(/\/+$/, '')}${path}?${asked.toString()}`
        const call = { service: 'kubernetes', url, method: 'GET', headers }
        const answer = await exchange(fetch, { ...call, deadlineMs, bodyLimit: 32 * 2 ** 20, identity })
        const page = readPage(isSecret ? answer.unmasked() : answer.body, path, read)
        items.push(...page.items)
        next = page.next
      }
      return items
    },
  }
}

type Page<T> = { readonly items: readonly T[]; readonly next: string | undefined }

function readPage<T>(body: unknown, path: string, read: Read<T>): Page<T> {
  try {
    const found = record(body, 'answer')
    const next = isRecord(found['metadata']) ? optional(text)(found['metadata']['continue'], 'continue') : undefined
    return { items: listOf(read)(found['items'], 'items'), next: next === '' ? undefined : next }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new CloudError({ kind: 'malformed', service: 'kubernetes', method: 'GET', path, reason: error.message })
  }
}

/** The fields of every object. */
export const metadata = object<{ readonly name: string; readonly namespace?: string | undefined }>({
  name: text,
  namespace: optional(text),
})
