import type { Secret } from '../secret.ts'
import { get, list, send, sendForSecret } from './resource-requests.ts'
import type { Session } from './session.ts'
import { listOf, object, optional, orNull, ShapeError, text } from './shape.ts'
import type { Read } from './shape.ts'

/** Barbican names its objects by URL. The last part is the id; the rest is never followed. */
const idOfRef: Read<string> = (value, at) => {
  const id = /\/([0-9a-f-]{36})\/?$/i.exec(text(value, at))?.[1]
  if (id === undefined) throw new ShapeError(`${at} does not end in an id`)
  return id
}

export type StoredSecret = {
  readonly id: string
  readonly name: string | null
  readonly status: string
  readonly creator_id?: string | undefined
  readonly expiration: string | null
}

const wireSecret = object<{ readonly secret_ref: string } & Omit<StoredSecret, 'id'>>({
  secret_ref: idOfRef,
  name: orNull(text),
  status: text,
  creator_id: optional(text),
  expiration: orNull(text),
})
const storedSecret: Read<StoredSecret> = (value, at) => {
  const { secret_ref: id, ...rest } = wireSecret(value, at)
  return { id, ...rest }
}

/** Of the token's project; Barbican has no list of all projects. */
export function listStoredSecrets(
  session: Session,
  filter: { readonly name?: string } = {},
): Promise<readonly StoredSecret[]> {
  // the default page has 10, the largest 100
  return list(
    session,
    { service: 'key-manager', path: '/secrets', query: { limit: 100, ...filter } },
    'secrets',
    storedSecret,
  )
}

export function getStoredSecret(session: Session, id: string): Promise<StoredSecret> {
  return get(session, { service: 'key-manager', path: `/secrets/${id}` }, storedSecret)
}

/** Returns its id. */
export function createStoredSecret(
  session: Session,
  fields: { readonly name: string; readonly payload: Secret; readonly expiration?: string },
): Promise<string> {
  const body = { ...fields, payload: fields.payload.reveal(), payload_content_type: 'text/plain' }
  const made = object<{ readonly secret_ref: string }>({ secret_ref: idOfRef })
  return send(
    session,
    { service: 'key-manager', method: 'POST', path: '/secrets', body },
    (value, at) => made(value, at).secret_ref,
  )
}

/** The stored payload. */
export async function getStoredPayload(session: Session, id: string): Promise<Secret> {
  const headers = { Accept: 'text/plain' }
  const request = { service: 'key-manager', method: 'GET', path: `/secrets/${id}/payload`, headers } as const
  const [payload] = await sendForSecret(session, request, text, () => undefined)
  return payload
}

export function deleteStoredSecret(session: Session, id: string): Promise<void> {
  return send(session, { service: 'key-manager', method: 'DELETE', path: `/secrets/${id}` })
}

export type SecretContainer = {
  readonly id: string
  readonly name: string | null
  readonly type: string
  readonly status: string
  readonly creator_id?: string | undefined
  /** The ids of its secrets. */
  readonly secrets: readonly string[]
  /** What its users have registered as theirs: Magnum registers the id of the cluster when it reads a certificate. */
  readonly consumers: readonly string[]
  /** Of its certificate, for a container that has one. */
  readonly certificateId?: string | undefined
}

type SecretRef = { readonly name?: string | undefined; readonly secret_ref: string }

const wireContainer = object<
  {
    readonly container_ref: string
    readonly secret_refs: readonly SecretRef[]
    readonly consumers: readonly { readonly URL: string }[]
  } & Omit<SecretContainer, 'id' | 'secrets' | 'certificateId' | 'consumers'>
>({
  container_ref: idOfRef,
  secret_refs: listOf(object<SecretRef>({ name: optional(text), secret_ref: idOfRef })),
  // barbican 15.0.1, model/models.py, Container._do_extra_dict
  consumers: (value, at) => optional(listOf(object<{ readonly URL: string }>({ URL: text })))(value, at) ?? [],
  name: orNull(text),
  type: text,
  status: text,
  creator_id: optional(text),
})
const container: Read<SecretContainer> = (value, at) => {
  const { container_ref: id, secret_refs, consumers, ...rest } = wireContainer(value, at)
  return {
    id,
    ...rest,
    secrets: secret_refs.map(({ secret_ref }) => secret_ref),
    consumers: consumers.map(({ URL }) => URL),
    certificateId: secret_refs.find(({ name }) => name === 'certificate')?.secret_ref,
  }
}

/** Magnum keeps each certificate of a cluster in one, as its own service user. */
export function listSecretContainers(session: Session): Promise<readonly SecretContainer[]> {
  return list(session, { service: 'key-manager', path: '/containers', query: { limit: 100 } }, 'containers', container)
}

export function deleteSecretContainer(session: Session, id: string): Promise<void> {
  return send(session, { service: 'key-manager', method: 'DELETE', path: `/containers/${id}` })
}
