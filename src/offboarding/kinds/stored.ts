/** Images, and what Barbican keeps. */
import {
  deleteSecretContainer,
  deleteStoredSecret,
  listSecretContainers,
  listStoredSecrets,
} from '../../openstack/barbican.ts'
import { deleteImage, listImages, unprotectImage } from '../../openstack/glance.ts'
import type { Kind } from '../ownership.ts'
import { askForEach, askInside } from '../reach.ts'

export const images: Kind = {
  kind: 'image',
  stage: 'images',
  service: 'image',
  maker: 'automation',
  isData: true,
  list: (reach) =>
    askForEach(reach, async (owner) =>
      (await listImages(reach.operator, { ...(reach.isWhole ? {} : { owner }), visibility: 'all' }))
        .filter((image) => image.owner === owner)
        .map((image) => ({
          id: image.id,
          name: image.name ?? image.id,
          projectId: owner,
          remove: async (session) => {
            if (image.protected) await unprotectImage(session, image.id)
            await deleteImage(session, image.id)
          },
        })),
    ),
}

const inBarbican = {
  stage: 'secrets',
  service: 'key-manager',
  within: 'project',
  isData: true,
  isGoneAtOnce: true,
} as const

/** Before the secrets that they name. */
export const secretContainers: Kind = {
  ...inBarbican,
  kind: 'secret container',
  list: (reach) =>
    askInside(reach, secretContainers, async (session, project) =>
      (await listSecretContainers(session)).map(({ id, name, creator_id }) => ({
        id,
        name: name ?? id,
        projectId: project.id,
        ...(creator_id === undefined ? {} : { userId: creator_id }),
        remove: (inside) => deleteSecretContainer(inside, id),
      })),
    ),
}

/** The keys of encrypted volumes are among them: data that is kept needs its keys. */
export const secrets: Kind = {
  ...inBarbican,
  kind: 'secret',
  list: (reach) =>
    askInside(reach, secrets, async (session, project) =>
      (await listStoredSecrets(session)).map(({ id, name, creator_id }) => ({
        id,
        name: name ?? id,
        projectId: project.id,
        ...(creator_id === undefined ? {} : { userId: creator_id }),
        remove: (inside) => deleteStoredSecret(inside, id),
      })),
    ),
}
