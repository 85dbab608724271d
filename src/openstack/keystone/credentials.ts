/** `/v3/credentials`: EC2 keys and other blobs. The blob is a secret and is not read. */
import { list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, object, orNull, text } from '../shape.ts'

export type Credential = {
  readonly id: string
  readonly type: string
  readonly user_id: string
  readonly project_id: string | null
}

const credential = object<Credential>({ id: text, type: text, user_id: text, project_id: orNull(text) })

export function listCredentials(
  session: Session,
  filter: { readonly user_id?: string; readonly type?: string } = {},
): Promise<readonly Credential[]> {
  return list(session, { service: 'identity', path: '/credentials', query: filter }, 'credentials', credential)
}

export function createCredential(
  session: Session,
  fields: { readonly type: string; readonly user_id: string; readonly project_id?: string; readonly blob: string },
): Promise<Credential> {
  const body = { credential: fields }
  return send(
    session,
    { service: 'identity', method: 'POST', path: '/credentials', body },
    inside('credential', credential),
  )
}

export function deleteCredential(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/credentials/${id}` })
}
