import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { object, text } from '../shape.ts'

export type Extension = { readonly alias: string; readonly name: string }

/** The extensions of this Neutron beside networks, subnets and ports. */
export function listExtensions(session: Session): Promise<readonly Extension[]> {
  const extension = object<Extension>({ alias: text, name: text })
  return list(session, { service: 'network', path: '/extensions' }, 'extensions', extension)
}
