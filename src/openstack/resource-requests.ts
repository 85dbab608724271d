/** A request and the reading of its answer, so that a service's file has only paths, fields and their reasons. */
import { CloudError } from '../errors.ts'
import { requestIdsOf } from './exchange.ts'
import { Secret } from '../secret.ts'
import type { HttpAnswer } from './exchange.ts'
import { printable } from './printable.ts'
import type { Query, Request } from './request.ts'
import type { Session } from './session.ts'
import { isRecord, listOf, record, ShapeError } from './shape.ts'
import type { Read } from './shape.ts'

/** The object at a path. Throws `CloudError` of kind `malformed` if a promised field is missing. */
export async function get<T>(session: Session, request: Omit<Request, 'method'>, read: Read<T>): Promise<T> {
  return send(session, { ...request, method: 'GET' }, read)
}

/**
 * Sends a request; with `read`, returns the answer. Throws `CloudError` of kind `malformed` if a promised field is
 * missing.
 */
export function send(session: Session, request: Request): Promise<void>
export function send<T>(session: Session, request: Request, read: Read<T>): Promise<T>
export async function send<T>(session: Session, request: Request, read?: Read<T>): Promise<T | undefined> {
  const answer = await session.request(request)
  return read === undefined ? undefined : readAnswer(request, answer, read)
}

/** As `send`, and the secret in the answer, which no other reader can see. */
export async function sendForSecret<T>(
  session: Session,
  request: Request,
  readSecret: Read<string>,
  read: Read<T>,
): Promise<readonly [Secret, T]> {
  const answer = await session.request(request)
  const secret = readAnswer(request, { ...answer, body: answer.unmasked() }, readSecret)
  return [new Secret(secret), readAnswer(request, answer, read)]
}

function readAnswer<T>(request: Request, answer: HttpAnswer, read: Read<T>): T {
  try {
    return read(answer.body, 'answer')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw complaint('malformed', request, answer, error.message)
  }
}

/** A whole collection, page by page. `key` is its name in the answer. */
export async function list<T>(
  session: Session,
  request: Omit<Request, 'method'>,
  key: string,
  read: Read<T>,
): Promise<readonly T[]> {
  return (await pages(session, { ...request, method: 'GET' }, key, read)).items
}

/** A collection, and the request that showed it: `network: GET /v2.0/routers (req-..)`. */
export type ShownList<T> = { readonly items: readonly T[]; readonly shownBy: string }

/** As `list`. The query is left out of `shownBy`; each page has its request id. */
export async function listShown<T>(
  session: Session,
  request: Omit<Request, 'method'>,
  key: string,
  read: Read<T>,
): Promise<ShownList<T>> {
  const { items, answers } = await pages(session, { ...request, method: 'GET' }, key, read)
  const [path = ''] = (answers[0]?.path ?? request.path).split('?')
  const ids = requestIdsOf(answers).join(', ')
  return { items, shownBy: `${request.service}: GET ${path}${ids === '' ? '' : ` (${ids})`}` }
}

type Pages<T> = { readonly items: readonly T[]; readonly answers: readonly HttpAnswer[]; readonly last: HttpAnswer }

async function pages<T>(session: Session, request: Request, key: string, read: Read<T>): Promise<Pages<T>> {
  const items: T[] = []
  const answers: HttpAnswer[] = []
  const seen = new Set<string>()
  let query = request.query
  for (;;) {
    const answer = await session.request({ ...request, ...(query === undefined ? {} : { query }) })
    answers.push(answer)
    const page = readAnswer(request, answer, (value, at) => {
      const body = record(value, at)
      return { items: listOf(read)(body[key], key), next: nextQuery(body, key), isCut: body['truncated'] === true }
    })
    items.push(...page.items)
    // keystone with `list_limit` set cuts a list and has no next page: half a list must not pass for the whole
    if (page.isCut)
      throw complaint('answer', request, answer, 'the list was cut short (`list_limit`): ask for less with a filter')
    // an empty page with a next one: magnum and nova end like this if the last page was exactly full
    if (page.next === undefined || page.items.length === 0) return { items, answers, last: answer }
    const mark = JSON.stringify(page.next)
    if (seen.has(mark)) throw complaint('answer', request, answer, 'the pages of the list form a circle')
    seen.add(mark)
    query = page.next
  }
}

type Named<T> = {
  /** Of the list in the answer. */
  readonly key: string
  readonly read: Read<T>
  readonly name: string
  /** Where the name alone is not enough. */
  readonly isWanted?: (item: T) => boolean
}

/** The one with that exact name, `undefined` if none; throws if there are several, naming them. */
export async function findByName<T extends { readonly name: string | null }>(
  session: Session,
  request: Omit<Request, 'method'>,
  { key, read, name, isWanted = () => true }: Named<T>,
): Promise<T | undefined> {
  const { items, last } = await pages(session, { ...request, method: 'GET' }, key, read)
  // A database may ignore case or accents (MySQL's utf8 collations): only the exact name counts.
  const found = items.filter((item) => item.name === name && isWanted(item))
  if (found.length <= 1) return found[0]
  const ids = found.map((item) => ('id' in item ? item.id : 'uuid' in item ? item.uuid : '?')).join('`, `')
  const message = `${found.length} ${key.replaceAll('_', ' ')} are named \`${name}\`: \`${ids}\``
  throw complaint('answer', { ...request, method: 'GET' }, last, message)
}

/** The answer was a success, but cannot be used. Of kind `answer` if a retry does not help. */
function complaint(kind: 'answer' | 'malformed', request: Request, answer: HttpAnswer, message: string): CloudError {
  const { service, method } = request
  const { path, status, requestId } = answer
  return new CloudError({ kind, service, method, path, status, requestId, reason: printable(message) })
}

/**
 * The query of the next page: keystone's `links.next`, `<key>_links` of nova, neutron, cinder and octavia, `next` of
 * glance and magnum. Only the query is used: an answer must not decide where the next request goes.
 */
function nextQuery(body: Readonly<Record<string, unknown>>, key: string): Query | undefined {
  const links = body['links']
  const own = body[`${key}_links`]
  const next =
    (Array.isArray(own) ? own.filter(isRecord).find((link) => link['rel'] === 'next')?.['href'] : undefined) ??
    (isRecord(links) ? links['next'] : undefined) ??
    body['next']
  if (typeof next !== 'string' || next === '' || !URL.canParse(next, 'http://relative')) return undefined
  const { searchParams } = new URL(next, 'http://relative')
  return Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]))
}
