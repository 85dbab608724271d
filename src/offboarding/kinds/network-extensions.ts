/** What extensions of Neutron keep for a project, if this cloud has them. */
import {
  deleteExtensionObject,
  extensionObjects,
  listExtensionObjects,
} from '../../openstack/neutron/extension-objects.ts'
import type { ObjectExtension } from '../../openstack/neutron/extension-objects.ts'
import { listExtensions } from '../../openstack/neutron/extensions.ts'
import { minute } from '../ownership.ts'
import type { Kind } from '../ownership.ts'
import { askForEach, ofProject } from '../reach.ts'

/** Before the ports that it joins. */
export const trunks = kindOf('trunk')
/** After the subnets that were cut from it. */
export const subnetPools = kindOf('subnet_allocation')
/** After the pools in it. */
export const addressScopes = kindOf('address-scope')
/** After the security groups whose rules name it. */
export const addressGroups = kindOf('address-group')
/** After the networks and ports that it applies to. */
export const qosPolicies = kindOf('qos')

function kindOf(extension: ObjectExtension): Kind {
  return {
    kind: extensionObjects[extension].kind,
    stage: 'network',
    service: 'network',
    maker: 'automation',
    patienceMs: 5 * minute,
    isGoneAtOnce: true,
    list: async (reach) => {
      if (!(await listExtensions(reach.operator)).some(({ alias }) => alias === extension)) return []
      return askForEach(reach, async (projectId) =>
        (await ofProject(reach, projectId, (filter) => listExtensionObjects(reach.operator, extension, filter))).map(
          ({ id, name }) => ({
            id,
            name: name === '' ? id : name,
            projectId,
            remove: (session) => deleteExtensionObject(session, extension, id),
          }),
        ),
      )
    },
  }
}
