import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { object, text } from '../shape.ts'

export type Extension = { readonly alias: string; readonly name: string }

/** Whether the plugin of this Neutron has it: without, its path answers 404. */
export async function hasExtension(session: Session, wanted: string): Promise<boolean> {
  return (await listExtensions(session)).some(({ alias }) => alias === wanted)
}

/** The extensions of this Neutron beside networks, subnets and ports. */
export function listExtensions(session: Session): Promise<readonly Extension[]> {
  const extension = object<Extension>({ alias: text, name: text })
  return list(session, { service: 'network', path: '/extensions' }, 'extensions', extension)
}
