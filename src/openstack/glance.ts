import { findByName, get, list, send } from './resource-requests.ts'
import type { Session } from './session.ts'
import { flag, number, object, optional, orNull, text } from './shape.ts'

/** Custom properties are at the top level of an image; these decide about Kubernetes. */
export type Image = {
  readonly id: string
  readonly name: string | null
  readonly status: string
  readonly visibility: string
  readonly owner: string | null
  readonly protected: boolean
  readonly min_ram: number
  readonly min_disk: number
  readonly created_at: string
  readonly os_distro?: string | undefined
  readonly kube_version?: string | undefined
  readonly magnum_driver?: string | undefined
}

const image = object<Image>({
  id: text,
  name: orNull(text),
  status: text,
  visibility: text,
  owner: orNull(text),
  protected: flag,
  min_ram: number,
  min_disk: number,
  created_at: text,
  os_distro: optional(text),
  kube_version: optional(text),
  magnum_driver: optional(text),
})

export type ImageFilter = {
  readonly name?: string
  readonly visibility?: 'public' | 'private' | 'shared' | 'community' | 'all'
  readonly owner?: string
  readonly os_distro?: string
  readonly status?: string
}

export function listImages(session: Session, filter: ImageFilter = {}): Promise<readonly Image[]> {
  // the default page has 25 images
  return list(session, { service: 'image', path: '/images', query: { limit: 1000, ...filter } }, 'images', image)
}

/** Names are not unique. */
export function findImage(session: Session, name: string, filter: ImageFilter = {}): Promise<Image | undefined> {
  return findByName(
    session,
    { service: 'image', path: '/images', query: { limit: 1000, ...filter, name } },
    { key: 'images', read: image, name },
  )
}

export function getImage(session: Session, id: string): Promise<Image> {
  return get(session, { service: 'image', path: `/images/${id}` }, image)
}

/** The record of an image, still without data. */
export function createImage(
  session: Session,
  fields: { readonly name: string; readonly visibility?: string } & Readonly<Record<string, unknown>>,
): Promise<Image> {
  return send(session, { service: 'image', method: 'POST', path: '/images', body: fields }, image)
}

/** Removes the protection of an image against deletion. */
export function unprotectImage(session: Session, id: string): Promise<Image> {
  const headers = { 'Content-Type': 'application/openstack-images-v2.1-json-patch' }
  const body = [{ op: 'replace', path: '/protected', value: false }]
  const request = {
    service: 'image',
    method: 'PATCH',
    path: `/images/${id}`,
    body,
    headers,
    isRepeatable: true,
  } as const
  return send(session, request, image)
}

export type ImageMember = { readonly member_id: string; readonly status: string }

/** The projects of a shared image; Glance refuses the request (403) for an image of any other visibility. */
export function listImageMembers(session: Session, imageId: string): Promise<readonly ImageMember[]> {
  const member = object<ImageMember>({ member_id: text, status: text })
  return list(session, { service: 'image', path: `/images/${imageId}/members` }, 'members', member)
}

export function deleteImage(session: Session, id: string): Promise<void> {
  return send(session, { service: 'image', method: 'DELETE', path: `/images/${id}` })
}
