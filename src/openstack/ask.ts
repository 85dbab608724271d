/** A request and the reading of its answer, so that a service's file is nothing but paths, fields and their reasons. */
import { CloudError } from '../errors.ts'
import { printable } from './printable.ts'
import type { Request } from './request.ts'
import type { Session } from './session.ts'
import { isRecord, list, record, ShapeError } from './shape.ts'
import type { Read } from './shape.ts'

/** Sends it and reads the answer. Throws `CloudError` of kind `malformed` when a promised field is missing. */
export async function ask<T>(session: Session, request: Request, read: Read<T>): Promise<T> {
  const answer = await session.request(request)
  try {
    return read(answer.body, 'answer')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const { service, method } = request
    const words = printable(error.message)
    throw new CloudError(
      {
        kind: 'malformed',
        service,
        method,
        path: answer.path,
        status: answer.status,
        requestId: answer.requestId,
        words,
      },
      { cause: error },
    )
  }
}

/** Sends it; the answer carries nothing that is needed. */
export async function tell(session: Session, request: Request): Promise<void> {
  await session.request(request)
}

/** What a collection holds, page by page until the last. `key` is where the answer has it. */
export async function askAll<T>(
  session: Session,
  request: Omit<Request, 'method'>,
  key: string,
  read: Read<T>,
): Promise<readonly T[]> {
  const items: T[] = []
  const seen = new Set<string>()
  let query = request.query
  for (;;) {
    const page = await ask(
      session,
      { ...request, method: 'GET', ...(query === undefined ? {} : { query }) },
      (value, at) => {
        const body = record(value, at)
        return { items: list(read)(body[key], key), next: nextQuery(body, key), isCut: body['truncated'] === true }
      },
    )
    items.push(...page.items)
    // keystone with `list_limit` set cuts a list short and has no next page: half a list must not pass for the whole
    if (page.isCut) throw doubt(request, 'the cloud cut the list short (`list_limit`): ask for less with a filter')
    // an empty page with a next one: magnum and nova end so when the last page was exactly full
    if (page.next === undefined || page.items.length === 0) return items
    const mark = JSON.stringify(page.next)
    if (seen.has(mark)) throw doubt(request, 'the pages of the list go round in a circle')
    seen.add(mark)
    query = page.next
  }
}

/** The one of that exact name, `undefined` if none; throws when there are several, naming them. */
export async function askNamed<T extends { readonly name: string | null }>(
  session: Session,
  request: Omit<Request, 'method'>,
  key: string,
  read: Read<T>,
  name: string,
  isWanted: (item: T) => boolean = () => true,
): Promise<T | undefined> {
  // A database may compare without regard to case or accents (MySQL's utf8 collations): only the exact name counts.
  const found = (await askAll(session, request, key, read)).filter((item) => item.name === name && isWanted(item))
  if (found.length <= 1) return found[0]
  const ids = found.map((item) => ('id' in item ? item.id : 'uuid' in item ? item.uuid : '?')).join('`, `')
  throw doubt(request, `${found.length} ${key.replaceAll('_', ' ')} are named \`${name}\`: \`${ids}\``)
}

/** The answer came and was a yes, but it cannot be acted upon; asking again does not help. */
function doubt(request: Omit<Request, 'method'>, words: string): CloudError {
  return new CloudError({
    kind: 'answer',
    service: request.service,
    method: 'GET',
    path: request.path,
    status: 200,
    words: printable(words),
  })
}

/**
 * The query of the next page: keystone's `links.next`, `<key>_links` of nova, neutron, cinder and octavia, `next` of glance
 * and magnum. Only the query is taken: where the request goes is not for an answer to say.
 */
function nextQuery(body: Readonly<Record<string, unknown>>, key: string): Record<string, string> | undefined {
  const links = body['links']
  const own = body[`${key}_links`]
  const next =
    (Array.isArray(own) ? own.filter(isRecord).find((link) => link['rel'] === 'next')?.['href'] : undefined) ??
    (isRecord(links) ? links['next'] : undefined) ??
    body['next']
  if (typeof next !== 'string' || next === '' || !URL.canParse(next, 'http://relative')) return undefined
  return Object.fromEntries(new URL(next, 'http://relative').searchParams)
}
