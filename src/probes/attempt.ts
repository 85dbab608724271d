import { CloudError, errorChain } from '../errors.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'

/** The result of a request that a probe sent. Only the effect, read back, decides what it means. */
export type Attempt<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly requestIds: readonly string[] }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly message: string
      readonly requestIds: readonly string[]
    }
  /** No answer, or one that says nothing about rights: a fault, a limit. */
  | { readonly kind: 'unanswered'; readonly message: string; readonly requestIds: readonly string[] }

/** Never throws for an answer of the cloud. */
export async function attempt<T>(session: Session, ask: (session: Session) => Promise<T>): Promise<Attempt<T>> {
  const { session: recorded, exchanges } = session.recording()
  const requestIds = (): readonly string[] => requestIdsOf(exchanges)
  try {
    const value = await ask(recorded)
    return { kind: 'answered', value, requestIds: requestIds() }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const { status, reason: message } = error
    if (isExpired(error))
      return { kind: 'unanswered', message: `${message} (no rule was asked)`, requestIds: requestIds() }
    if ((error.kind === 'answer' || error.kind === 'sign-in') && status !== undefined && isRefusal(status))
      return { kind: 'refused', status, message, requestIds: requestIds() }
    return { kind: 'unanswered', message: errorChain(error).join(': '), requestIds: requestIds() }
  }
}

/** The cloud's words, or that it said yes. */
export function messageOf(tried: Attempt<unknown>): string {
  switch (tried.kind) {
    case 'answered':
      return 'the request succeeded'
    case 'refused':
      return `${tried.status}: ${tried.message}`
    case 'unanswered':
      return tried.message
  }
}

/**
 * The account may do nothing but change its password, so no rule was asked. keystone 22.0.2, identity/backends/sql.py,
 * authenticate; change_password_upon_first_use, password_expires_days.
 */
function isExpired({ kind, status, reason }: CloudError): boolean {
  return kind === 'sign-in' && status === 401 && /password is expired/i.test(reason)
}

/** 409, 413 and 429 are about the state of the cloud, not about the caller. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 409, 413, 429].includes(status)
}
