import type { Image } from '../../openstack/glance.ts'
import type { Flavor } from '../../openstack/nova.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { PreflightRecord, Readings } from './record.ts'

/** Magnum refuses less: magnum_capi_helm/driver.py, and kubeadm would not start on it. */
const smallest = { vcpus: 2, ram: 2048 } as const

export function judgeMachines(
  { facts }: Tenant,
  { images, flavors }: Pick<Readings, 'images' | 'flavors'>,
  record: PreflightRecord,
) {
  const ready = images.filter(
    (image) => image.status === 'active' && image.os_distro !== undefined && image.kube_version !== undefined,
  )
  const named =
    facts.image === undefined ? ready : images.filter((image) => image.id === facts.image || image.name === facts.image)
  const [image] = named
  const list = named.map((one) => `${one.name ?? ''} ${one.id}`).join(', ')
  if (named.length > 1) {
    record.claim('exactly one public image is for Kubernetes', false, list, {
      code: 'preflight/image-ambiguous',
      where: facts.image === undefined ? 'images' : `image ${facts.image}`,
      message: `${named.length} public images ${facts.image === undefined ? 'are ready for Magnum' : 'have this name'}: ${list}`,
      remedy: `put the UUID of one as \`image\` into ${record.file}`,
    })
  } else {
    const isReady = image !== undefined && ready.includes(image)
    record.claim(
      'a public image is ready for Kubernetes',
      isReady,
      { id: image?.id ?? null, os_distro: image?.os_distro ?? null, kube_version: image?.kube_version ?? null },
      {
        code: 'preflight/image-missing',
        where: `image ${facts.image ?? ''}`.trim(),
        message:
          image === undefined
            ? 'no public image has `os_distro` and `kube_version`'
            : `\`${image.name ?? image.id}\` lacks ${lacking(image)}`,
        remedy:
          image === undefined
            ? 'upload a public one with both properties'
            : `openstack image set --property os_distro=... --property kube_version=... ${image.id}`,
      },
    )
  }
  const flavor = judgeFlavor('flavor', facts.flavor, flavors, record)
  const masterFlavor =
    facts.master_flavor === undefined ? flavor : judgeFlavor('master_flavor', facts.master_flavor, flavors, record)
  return {
    ...(image === undefined ? {} : { image: { id: image.id, name: image.name ?? image.id } }),
    flavor,
    masterFlavor,
  }
}

function lacking(image: Image): string {
  if (image.status !== 'active') return `its data (it is ${image.status})`
  return [image.os_distro === undefined ? 'os_distro' : '', image.kube_version === undefined ? 'kube_version' : '']
    .filter((one) => one !== '')
    .join(' and ')
}

function judgeFlavor(
  key: 'flavor' | 'master_flavor',
  wanted: string | undefined,
  flavors: readonly Flavor[],
  record: PreflightRecord,
): Flavor | undefined {
  const publics = flavors.filter(
    (flavor) => flavor['os-flavor-access:is_public'] && flavor['OS-FLV-DISABLED:disabled'] !== true,
  )
  const bySize = publics
    .filter(suffices)
    .sort((a, b) => a.ram - b.ram || a.vcpus - b.vcpus || a.name.localeCompare(b.name))
  const found =
    wanted === undefined ? bySize[0] : publics.find((flavor) => flavor.name === wanted || flavor.id === wanted)
  const size = found === undefined ? null : { name: found.name, vcpus: found.vcpus, ram: found.ram }
  record.claim(
    `a public ${key.replace('_', ' ')} suffices for Kubernetes`,
    found !== undefined && suffices(found),
    size,
    {
      code: found === undefined ? 'preflight/flavor-missing' : 'preflight/flavor-too-small',
      where: `flavor ${wanted ?? ''}`.trim(),
      message:
        found === undefined
          ? `there is no public flavor ${wanted === undefined ? `with ${smallest.vcpus} vCPUs and ${smallest.ram} MiB` : `\`${wanted}\``}`
          : `\`${found.name}\` has ${found.vcpus} vCPUs and ${found.ram} MiB; Kubernetes needs ${smallest.vcpus} and ${smallest.ram}`,
      remedy:
        bySize[0] === undefined
          ? `openstack flavor create --public --vcpus ${smallest.vcpus} --ram 4096 --disk 40 k8s.node`
          : `put \`${bySize[0].name}\` as \`${key}\` into ${record.file}`,
    },
  )
  return found
}

function suffices(flavor: Flavor): boolean {
  return flavor.vcpus >= smallest.vcpus && flavor.ram >= smallest.ram
}
