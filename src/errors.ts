/**
 * The errors that every part shares. An expected no is a value (a `Decision`, a `Finding`); these errors stop a
 * command. Only `exitCodeOf` turns one into an exit code.
 */

/** One problem in a file or an argument of the user. Lines and columns count from 1. */
export type Problem = {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly message: string
  /** What to write instead, if known. */
  readonly hint?: string
}

/** The user's input is wrong. Carries every problem at once. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[] | string, options?: ErrorOptions) {
    const list = typeof problems === 'string' ? [{ message: problems }] : problems
    super(list.map(renderProblem).join('\n'), options)
    this.problems = list
  }
}

export function renderProblem(problem: Problem): string {
  const at = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  return `${at === '' ? '' : `${at}: `}${problem.message}${problem.hint === undefined ? '' : ` (${problem.hint})`}`
}

/** Why a request did not get its answer. */
export type CloudErrorKind =
  | 'answer' // the service answered, with a status that means no
  | 'sign-in' // Keystone refused the credentials
  | 'unreachable' // no connection: DNS, refused, reset, proxy
  | 'tls' // the certificate or the CA
  | 'timeout' // no answer before the deadline; whether it took effect is unknown
  | 'malformed' // an answer that the API does not promise

export type CloudErrorDetail = {
  readonly kind: CloudErrorKind
  /** Service type as in the catalog: `identity`, `network`, `container-infra`. */
  readonly service: string
  readonly method: string
  /** Path and query as sent, without host. */
  readonly path: string
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  /** The server's clock, ISO. */
  readonly date?: string | undefined
  /** The cloud's own message, made printable. */
  readonly reason: string
  /** Of a sign-in: whose it is. */
  readonly account?: string | undefined
  /** What the operator can look at or type. */
  readonly hint?: string | undefined
  /** Seconds, from `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** False if the request certainly did not leave this machine; true if absent. */
  readonly isSent?: boolean | undefined
}

/** One error for every refusal of a cloud: a status, never a class per code. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  readonly kind: CloudErrorKind
  readonly service: string
  readonly method: string
  readonly path: string
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly date: string | undefined
  readonly reason: string
  readonly retryAfter: number | undefined
  readonly isSent: boolean

  constructor(detail: CloudErrorDetail, options?: ErrorOptions) {
    super(messageOf(detail), options)
    this.kind = detail.kind
    this.service = detail.service
    this.method = detail.method
    this.path = detail.path
    this.status = detail.status
    this.requestId = detail.requestId
    this.date = detail.date
    this.reason = detail.reason
    this.retryAfter = detail.retryAfter
    this.isSent = detail.isSent ?? true
  }
}

function messageOf({
  kind,
  service,
  method,
  path,
  status,
  requestId,
  reason,
  account,
  hint,
}: CloudErrorDetail): string {
  const tail = `${reason}${hint === undefined ? '' : ` (${hint})`}`
  // an answer that was no refusal: what is wrong is what it says
  if (kind === 'answer' && status !== undefined && status < 300) return `${service}: ${tail}`
  const id = requestId === undefined ? '' : ` (${requestId})`
  const got = status === undefined ? `got no answer (${kind})` : `answered ${status}`
  return `${service}: ${method} ${path} ${got}${id}${account === undefined ? '' : ` to ${account}`}: ${tail}`
}

/** A step could not be completed; `cause` says why. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly step: string

  constructor(step: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.step = step
  }
}

/** The command could not finish, although the input is correct: a lock, a deadline, an interruption. */
export class StopError extends Error {
  override readonly name = 'StopError'
}

/** A bug in us. */
class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** True if the same request may succeed later. Decided only here. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof CloudError)) return false
  if (error.kind === 'unreachable' || error.kind === 'timeout' || error.kind === 'malformed') return true
  return error.status !== undefined && [429, 500, 502, 503, 504].includes(error.status)
}

/**
 * What became of a request without a usable answer.
 * `not begun`: it was not sent, changes nothing, or was turned away before its turn (429, 503).
 * `over`: the service has finished with it, with or without an effect.
 * `broken`: the connection ended (reset, 502). Most often its process ended too, but nobody knows.
 * `open`: silence (deadline, 504). The service may still be at work, and the effect may come later.
 */
export type Fate = 'not begun' | 'over' | 'broken' | 'open'

/** Decides whether the request may be sent again, and how long its effect is looked for first. Decided only here. */
export function fateOf({ kind, status, method, service, path, isSent }: CloudError): Fate {
  const isSignIn = service === 'identity' && path.endsWith('/auth/tokens')
  if (!isSent || isSignIn || kind === 'tls' || method === 'GET' || method === 'HEAD') return 'not begun'
  if (kind === 'timeout' || status === 504) return 'open'
  if (kind === 'unreachable' || status === 502) return 'broken'
  return status === 429 || status === 503 ? 'not begun' : 'over'
}

/** 1 a bug, 2 the input, 3 the cloud says no, 4 could not ask or could not finish. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 | 4 {
  if (error instanceof InputError) return 2
  if (error instanceof StopError) return 4
  if (error instanceof StepError) return error.cause === undefined ? 3 : exitCodeOf(error.cause)
  if (error instanceof CloudError) return error.kind === 'answer' && !isTransient(error) ? 3 : 4
  return 1
}

/** The messages of an error and of all its causes, outermost first. */
export function errorChain(error: unknown): readonly string[] {
  const messages: string[] = []
  for (
    let at: unknown = error;
    at !== undefined && messages.length < 10;
    // why there was no answer is in the reason of a `CloudError`; its cause says it in the words of Node
    at = at instanceof Error && !(at instanceof CloudError) ? at.cause : undefined
  ) {
    messages.push(at instanceof Error ? at.message : 'something that is not an error was thrown')
  }
  return messages
}
