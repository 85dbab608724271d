/** What extensions keep for a project, all in one shape: an id, a name, a project. */
import { list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { object, text } from '../shape.ts'

/** By the alias of the extension. neutron_lib 3.2, api/definitions: ALIAS, COLLECTION_NAME and the path of each. */
export const extensionObjects = {
  trunk: { path: '/trunks', key: 'trunks', kind: 'trunk' },
  subnet_allocation: { path: '/subnetpools', key: 'subnetpools', kind: 'subnet pool' },
  'address-scope': { path: '/address-scopes', key: 'address_scopes', kind: 'address scope' },
  'address-group': { path: '/address-groups', key: 'address_groups', kind: 'address group' },
  qos: { path: '/qos/policies', key: 'policies', kind: 'QoS policy' },
} as const
export type ObjectExtension = keyof typeof extensionObjects

export type ExtensionObject = { readonly id: string; readonly name: string; readonly project_id: string }

const extensionObject = object<ExtensionObject>({ id: text, name: text, project_id: text })

export function listExtensionObjects(
  session: Session,
  extension: ObjectExtension,
  filter: { readonly project_id?: string } = {},
): Promise<readonly ExtensionObject[]> {
  const { path, key } = extensionObjects[extension]
  return list(session, { service: 'network', path, query: filter }, key, extensionObject)
}

export function deleteExtensionObject(session: Session, extension: ObjectExtension, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `${extensionObjects[extension].path}/${id}` })
}
