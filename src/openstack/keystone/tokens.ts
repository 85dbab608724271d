import type { Secret } from '../../secret.ts'
import { get, send } from '../resource-requests.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'
import { token } from '../token.ts'
import type { Token } from '../token.ts'

/** The content of a token, read with this session's own one; `undefined` if it is not valid, for any reason. */
export async function findToken(session: Session, subject: Secret): Promise<Token | undefined> {
  const headers = { 'X-Subject-Token': subject.reveal() }
  try {
    return await get(session, { service: 'identity', path: '/auth/tokens', headers }, token)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

/** Revokes it. */
export function deleteToken(session: Session, subject: Secret): Promise<void> {
  const headers = { 'X-Subject-Token': subject.reveal() }
  return send(session, { service: 'identity', method: 'DELETE', path: '/auth/tokens', headers })
}
