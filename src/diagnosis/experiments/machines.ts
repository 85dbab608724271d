import { probeClusterType, unsupportedType } from '../../probes/cluster-type.ts'
import { listImages } from '../../openstack/glance.ts'
import type { Image } from '../../openstack/glance.ts'
import { findClusterTemplate } from '../../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate } from '../../openstack/magnum/cluster-templates.ts'
import { findKeypair, listFlavors } from '../../openstack/nova.ts'
import type { Flavor } from '../../openstack/nova.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import { requireClusters } from './magnum.ts'
import { clusterProjects, objects } from './objects.ts'
import type { StandingProject } from './objects.ts'
import type { Session } from '../../openstack/session.ts'
import { creatorOrOperator, signedIn } from './identities.ts'

/** The existing templates, which name the image and the flavors. */
const templates = experiment<readonly ClusterTemplate[]>(
  'templates',
  'which cluster templates exist?',
  async (on, notes) => {
    const projects = await need(on, clusterProjects)
    const found = await Promise.all(
      projects.map(async ({ asked, found: { id } }) => {
        const own = await signedIn(on, notes, { actor: 'creator', project: asked })
        const asker: Session = own ?? on.subject.operator
        return notes.read(asker, (session) => findClusterTemplate(session, asked.names.template, { projectId: id }))
      }),
    )
    return found.filter((template) => template !== undefined)
  },
)

export type ImageView = {
  /** As a template names it: name or id. Absent if none names one. */
  readonly wanted: string | undefined
  /** All candidates, by that name or id, as the operator sees them. */
  readonly there: readonly Image[]
  /** Those of them that the creator sees. */
  readonly seen: readonly Image[]
}

/** The image of the clusters, as the operator sees it and as the creator does, which is Magnum's view. */
export const images = experiment<ImageView>(
  'images',
  'is there exactly one such image, and does the creator see it?',
  async (on, notes) => {
    requireClusters(on)
    const { tenant, operator } = on.subject
    const [standing, list, own] = await Promise.all([
      templates(on),
      notes.read(operator, (session) => listImages(session, { visibility: 'all' })),
      signedIn(on, notes, { actor: 'creator', project: tenant.projects[0] }).then((creator) =>
        creator === undefined ? undefined : notes.attempt(creator, (session) => listImages(session)),
      ),
    ])
    const wanted = (standing.kind === 'seen' ? standing.value[0]?.image_id : undefined) ?? tenant.facts.image
    const isMeant = (image: Image): boolean =>
      wanted === undefined ? looksMeant(image) : image.id === wanted || image.name === wanted
    const there = list.filter(isMeant)
    const seen =
      own?.kind === 'answered' ? own.value.filter(isMeant) : there.filter(({ visibility }) => visibility === 'public')
    for (const image of there)
      notes.saw(
        `image ${image.name ?? ''} ${image.id} is ${image.visibility} and ${image.status}; os_distro ${image.os_distro ?? 'not set'}, kube_version ${image.kube_version ?? 'not set'}; the creator ${seen.some(({ id }) => id === image.id) ? 'sees it' : 'does not see it'}`,
      )
    if (there.length === 0) notes.saw(`there is no image ${wanted ?? 'for Kubernetes'}`)
    return { wanted, there, seen }
  },
)

/** If no image is named: an image with either property was probably meant. */
function looksMeant({ visibility, os_distro, kube_version }: Image): boolean {
  return visibility === 'public' && (os_distro !== undefined || kube_version !== undefined)
}

export type TypeAnswer = { readonly unsupported: string | undefined; readonly message: string }

/** Asks Magnum itself, with a template that it cannot make. */
export const clusterType = experiment<TypeAnswer>(
  'cluster-type',
  'has Magnum a driver for the image?',
  async (on, notes) => {
    const { seen, wanted } = await need(on, images)
    const id = wanted ?? seen[0]?.id
    if (id === undefined) throw new Inapplicable('there is no image to ask about')
    const session: Session = await creatorOrOperator(on, notes)
    const nowhere = on.throwaways.name('nowhere')
    const result = await probeClusterType({ session, image: { id, name: id }, nowhere })
    if (result.observed === 'unknown') throw new Unasked(`Magnum's answer does not show it: ${result.detail}`)
    notes.saw(`a template of it that cannot be made: ${result.detail}`, result.requestIds)
    return { unsupported: unsupportedType(result.detail), message: result.detail }
  },
)

export type FlavorView = {
  readonly name: string
  /** As the creator sees it. */
  readonly seen: Flavor | undefined
}

export type Flavors = {
  readonly wanted: readonly FlavorView[]
  /** All that the creator may use. */
  readonly visible: readonly Flavor[]
}

export const flavors = experiment<Flavors>(
  'flavors',
  'does the creator see the flavors of its machines, and how large are they?',
  async (on, notes) => {
    requireClusters(on)
    const { tenant, operator } = on.subject
    const creator = await signedIn(on, notes, { actor: 'creator', project: tenant.projects[0] })
    const own = creator === undefined ? undefined : await notes.attempt(creator, (session) => listFlavors(session))
    // without a creator: every account sees what is public
    const visible =
      own?.kind === 'answered'
        ? own.value
        : (await notes.read(operator, (session) => listFlavors(session))).filter(
            (one) => one['os-flavor-access:is_public'],
          )
    const standing = await templates(on)
    const { flavor, master_flavor } = tenant.facts
    const named =
      standing.kind === 'seen' && standing.value.length > 0
        ? standing.value.flatMap((template) => [template.flavor_id, template.master_flavor_id])
        : [flavor, master_flavor]
    const names = [...new Set(named.filter((name) => name !== undefined && name !== null))]
    const wanted = names.map((name) => ({ name, seen: visible.find((one) => one.name === name || one.id === name) }))
    for (const { name, seen } of wanted)
      notes.saw(
        seen === undefined
          ? `the creator does not see flavor ${name}`
          : `flavor ${seen.name} has ${seen.vcpus} vCPUs and ${seen.ram} MiB`,
      )
    if (wanted.length === 0) notes.saw(`the creator sees the flavors ${visible.map(size).join(', ') || 'none'}`)
    return { wanted, visible }
  },
)

function size({ name, vcpus, ram }: Flavor): string {
  return `${name} (${vcpus} vCPUs, ${ram} MiB)`
}

export type KeypairView = {
  readonly project: StandingProject
  readonly name: string
  readonly isCreators: boolean
  /** Other accounts of the tenant that have one of this name. */
  readonly others: readonly string[]
}

/** Nova's keypairs belong to a user: their owner decides, not the project. */
export const keypairs = experiment<readonly KeypairView[]>(
  'keypairs',
  'whose is the keypair of the clusters?',
  async (on, notes) => {
    const [{ creator, manager, automation, users }, projects] = await Promise.all([
      need(on, objects),
      need(on, clusterProjects),
    ])
    if (creator === undefined) throw new Inapplicable('there is no creator yet')
    // a domain may have thousands of users: ours first, and only as many as can be asked in a moment
    const likely = [...new Set([creator, automation, manager, ...users])]
      .filter((user) => user !== undefined)
      .slice(0, 20)
    const { operator } = on.subject
    return Promise.all(
      projects.map(async (project): Promise<KeypairView> => {
        const name = project.asked.names.keypair
        const has = async (userId: string): Promise<boolean> =>
          (await notes.read(operator, (session) => findKeypair(session, name, { userId }))) !== undefined
        const owners = await Promise.all(likely.map(async (user) => ((await has(user.id)) ? [user] : [])))
        const found = owners.flat()
        notes.saw(`keypair ${name} belongs to ${found.map((user) => user.name).join(', ') || 'nobody'}`)
        return {
          project,
          name,
          isCreators: found.some(({ id }) => id === creator.id),
          others: found.filter(({ id }) => id !== creator.id).map((user) => user.name),
        }
      }),
    )
  },
)
