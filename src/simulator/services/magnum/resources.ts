/**
 * Magnum's look-ups in other services before it accepts a template or a cluster. It makes them as the caller, so what
 * the caller cannot see does not exist. magnum 15.0.1, magnum/api/attr_validator.py and magnum/api/validation.py.
 */
import { isAdmin, projectOf } from '../../access.ts'
import { isExternal, maySeeNetwork } from '../neutron/access.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { maySeeFlavor } from '../nova/flavors.ts'
import { Refusal } from '../../refusal.ts'
import type { Call } from '../../service.ts'
import type { Flavor, Image, Network, Subnet } from '../../state.ts'
import type { Profile } from '../../profile.ts'

/** Cluster types of the installed drivers. */
const TYPES: Readonly<Record<Profile['magnumDriver'], readonly string[]>> = {
  heat: ['fedora-coreos', 'fedora-atomic'],
  'capi-helm': ['ubuntu', 'flatcar'],
}

function imagesNamed(call: Call, nameOrId: string): readonly Image[] {
  return call.world.state.images.filter(
    (row) =>
      (row.id === nameOrId || row.name === nameOrId) &&
      (isAdmin(call) || row.visibility === 'public' || row.owner === projectOf(call)),
  )
}

/** Exactly one image, or none. */
export function lookUpImage(call: Call, nameOrId: string): Image | undefined {
  const found = imagesNamed(call, nameOrId)
  return found.length === 1 ? found[0] : undefined
}

/** If the image look-up fails for any reason, its distribution counts as unset. */
export function requireClusterType(call: Call, serverType: string, imageName: string, coe: string): void {
  const image = lookUpImage(call, imageName)
  const distro = image === undefined ? 'Unset' : (image.properties['os_distro'] ?? 'None')
  const isKnown = serverType === 'vm' && coe === 'kubernetes' && TYPES[call.world.profile.magnumDriver].includes(distro)
  if (!isKnown) throw new Refusal(400, `Cluster type (${serverType}, ${distro}, ${coe}) not supported.`)
}

export function requireImage(call: Call, nameOrId: string): Image {
  const found = imagesNamed(call, nameOrId)
  const [image] = found
  if (image === undefined) throw new Refusal(400, `Image ${nameOrId} could not be found.`)
  if (found.length > 1) {
    throw new Refusal(409, 'Multiple images exist with same name. Please use the image uuid instead.')
  }
  if (image.properties['os_distro'] === undefined) {
    throw new Refusal(400, `Image ${nameOrId} doesn't contain os_distro field.`)
  }
  return image
}

export function findFlavor(call: Call, nameOrId: string): Flavor | undefined {
  return call.world.state.flavors.find(
    (row) => (row.name === nameOrId || row.id === nameOrId) && maySeeFlavor(call, row),
  )
}

export function requireFlavor(call: Call, nameOrId: string | undefined): void {
  if (nameOrId !== undefined && findFlavor(call, nameOrId) === undefined) {
    throw new Refusal(400, `Unable to find flavor ${nameOrId}.`)
  }
}

function networks(call: Call, nameOrId: string, external: boolean): readonly Network[] {
  return call.world.state.networks.filter(
    (row) =>
      (row.id === nameOrId || row.name === nameOrId) && maySeeNetwork(call, row) && isExternal(call, row) === external,
  )
}

export function requireExternalNetwork(call: Call, nameOrId: string): Network {
  const found = networks(call, nameOrId, true)
  const [network] = found
  if (network === undefined) throw new Refusal(400, `Unable to find external network ${nameOrId}.`)
  if (found.length > 1) {
    throw new Refusal(
      409,
      `Multiple external networks exist with same name '${nameOrId}'. Please use the external network ID instead.`,
    )
  }
  return network
}

/** Not checked before 2024.1: the name of a missing network goes into the template unchanged. */
export function requireFixedNetwork(call: Call, nameOrId: string | undefined): void {
  if (nameOrId === undefined || !isReleaseAtLeast(call.world.profile, '2024.1')) return
  const found = networks(call, nameOrId, false)
  if (found.length === 0) throw new Refusal(400, `Unable to find fixed network ${nameOrId}.`)
  if (found.length > 1) {
    throw new Refusal(409, `Multiple networks exist with same name '${nameOrId}'. Please use the network ID instead.`)
  }
}

export function requireFixedSubnet(call: Call, nameOrId: string | undefined): void {
  if (nameOrId === undefined || !isReleaseAtLeast(call.world.profile, '2024.1')) return
  const found = findSubnets(call, nameOrId)
  if (found.length === 0) throw new Refusal(400, `Unable to find fixed subnet ${nameOrId}.`)
  if (found.length > 1) {
    throw new Refusal(409, `Multiple subnets exist with same name '${nameOrId}'. Please use the subnet ID instead.`)
  }
}

export function findSubnets(call: Call, nameOrId: string): readonly Subnet[] {
  return call.world.state.subnets.filter(
    (row) => (row.id === nameOrId || row.name === nameOrId) && (isAdmin(call) || row.project_id === projectOf(call)),
  )
}

/** As the caller: a keypair belongs to its user. */
export function requireKeypair(call: Call, name: string): void {
  if (!call.world.state.keypairs.has(`${call.caller().user.id}/${name}`)) {
    throw new Refusal(404, `Unable to find keypair ${name}.`)
  }
}

const NETWORK_DRIVERS: Readonly<Record<string, readonly string[]>> = {
  kubernetes: ['flannel', 'calico'],
  swarm: ['docker', 'flannel'],
}

export function requireNetworkDriver(coe: string, driver: string | undefined): void {
  const known = NETWORK_DRIVERS[coe] ?? []
  if (driver === undefined || known.includes(driver)) return
  throw new Refusal(
    400,
    `Network driver type ${driver} is not supported, expecting a ${known.join('/')}/unspecified network driver.`,
  )
}
