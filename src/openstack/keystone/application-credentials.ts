import type { Secret } from '../../secret.ts'
import { findByName, get, list, send, sendForSecret } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, object, optional, orNull, text } from '../shape.ts'

export type ApplicationCredential = {
  readonly id: string
  readonly name: string
  readonly description?: string | undefined
  /** Null if it was made with a token without a project: such a credential cannot be used. */
  readonly project_id: string | null
  readonly unrestricted: boolean
  readonly expires_at?: string | undefined
  readonly roles: readonly { readonly id: string; readonly name: string }[]
}

const credential = object<ApplicationCredential>({
  id: text,
  name: text,
  description: optional(text),
  project_id: orNull(text),
  // the answer to a create has null for what the request left out: seen on keystone 22.0.2
  unrestricted: (value, at) => optional(flag)(value, at) ?? false,
  expires_at: optional(text),
  roles: listOf(object<{ readonly id: string; readonly name: string }>({ id: text, name: text })),
})

/** Lists are per user: Keystone has none for the whole cloud. */
export function listApplicationCredentials(
  session: Session,
  userId: string,
): Promise<readonly ApplicationCredential[]> {
  const path = `/users/${userId}/application_credentials`
  return list(session, { service: 'identity', path }, 'application_credentials', credential)
}

export function findApplicationCredential(
  session: Session,
  userId: string,
  name: string,
): Promise<ApplicationCredential | undefined> {
  const path = `/users/${userId}/application_credentials`
  return findByName(
    session,
    { service: 'identity', path, query: { name } },
    { key: 'application_credentials', read: credential, name },
  )
}

export function getApplicationCredential(session: Session, userId: string, id: string): Promise<ApplicationCredential> {
  const path = `/users/${userId}/application_credentials/${id}`
  return get(session, { service: 'identity', path }, inside('application_credential', credential))
}

export type ApplicationCredentialFields = {
  readonly name: string
  /**
   * Keystone accepts ours unchanged, so that it can be on disk before the call. Without it Keystone makes one of 86
   * characters.
   */
  readonly secret?: Secret
  readonly description?: string
  readonly expires_at?: string
  /** Absent: all roles of the token, the implied ones included. */
  readonly roles?: readonly ({ readonly id: string } | { readonly name: string })[]
  readonly unrestricted?: boolean
}

/** Only for oneself: not even an admin can make one for another user. Only this answer has the secret. */
export async function createApplicationCredential(
  session: Session,
  userId: string,
  fields: ApplicationCredentialFields,
): Promise<ApplicationCredential & { readonly secret: Secret }> {
  const { secret: own, ...rest } = fields
  const body = { application_credential: { ...rest, ...(own === undefined ? {} : { secret: own.reveal() }) } }
  const path = `/users/${userId}/application_credentials`
  const [secret, made] = await sendForSecret(
    session,
    { service: 'identity', method: 'POST', path, body },
    (value, at) =>
      inside('application_credential', object<{ readonly secret: string }>({ secret: text }))(value, at).secret,
    inside('application_credential', credential),
  )
  return { ...made, secret }
}

export function deleteApplicationCredential(session: Session, userId: string, id: string): Promise<void> {
  return send(session, {
    service: 'identity',
    method: 'DELETE',
    path: `/users/${userId}/application_credentials/${id}`,
  })
}
