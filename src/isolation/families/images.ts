import { createImage, deleteImage, getImage, listImages } from '../../openstack/glance.ts'
import type { Image } from '../../openstack/glance.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { hasService } from '../../openstack/has-service.ts'

export async function probeImages(family: Family, fixture: VerificationFixture): Promise<void> {
  const { own, foreign, operator, throwaways } = fixture
  const as = own.account
  if (!(await hasService(as.session, 'image'))) return
  const name = throwaways.name('image')
  const offered = throwaways.name('public-image')
  const find = async (wanted: string): Promise<Image | undefined> =>
    (await listImages(operator, { name: wanted, visibility: 'all' }))[0]
  // a record without data
  const image = await throwaways.make({
    kind: 'image',
    name,
    create: () =>
      createImage(foreign.account.session, { name, visibility: 'private', description: throwaways.description }),
    find: () => find(name),
    remove: ({ id }) => deleteImage(operator, id),
  })
  const common = { as, whom: "a neighbour's private image", expected: 'refused' } as const
  await Promise.all([
    family.check({
      ...common,
      id: 'read',
      claim: 'an account cannot read a private image of a neighbour',
      rule: 'image:get_image',
      ask: (session) => getImage(session, image.id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list',
      claim: 'an account sees no private image of a neighbour',
      rule: 'image:get_images',
      ask: (session) => listImages(session, { owner: foreign.account.project.id, visibility: 'all' }),
      shows: (list) => list.some(({ id }) => id === image.id),
      describe: (list) => `${list.length} listed`,
    }),
    family.check<Image>({
      ...common,
      whom: 'the whole cloud',
      code: 'isolation/sharing',
      id: 'publish',
      claim: 'an account cannot publish an image to the whole cloud',
      rule: 'image:publicize_image',
      ask: (session) =>
        throwaways.make({
          kind: 'image',
          name: offered,
          create: () =>
            createImage(session, { name: offered, visibility: 'public', description: throwaways.description }),
          find: () => find(offered),
          remove: ({ id }) => deleteImage(operator, id),
        }),
      effect: async () => (await find(offered))?.visibility === 'public',
    }),
  ])
  await family.check({
    ...common,
    id: 'delete',
    claim: 'an account cannot delete the image of a neighbour',
    rule: 'image:delete_image',
    ask: (session) => deleteImage(session, image.id),
    effect: () => isGone(getImage(operator, image.id)),
  })
}
