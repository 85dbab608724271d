import type { Image } from '../../openstack/glance.ts'
import type { Flavor } from '../../openstack/nova.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { PreflightRecord, Readings } from './record.ts'

/** Magnum refuses less: magnum_capi_helm/driver.py, and kubeadm would not start on it. */
const smallest = { vcpus: 2, ram: 2048 } as const

/** GiB. magnum, conf/cinder.py has a default of the cloud, which no API shows. */
const bootLabel = 'boot_volume_size'

export function judgeMachines(
  { facts, projects }: Tenant,
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
  // nodes boot from the flavor's disk, or from a volume where the labels say how large
  const bootsFromVolume = projects.every(
    ({ spec }) =>
      spec.template === undefined || Number({ ...spec.template.labels, ...spec.cluster?.labels }[bootLabel]) > 0,
  )
  const disk = bootsFromVolume ? 0 : Math.max(1, image?.min_disk ?? 0)
  const flavor = judgeFlavor('flavor', facts.flavor, { flavors, disk }, record)
  const masterFlavor =
    facts.master_flavor === undefined
      ? flavor
      : judgeFlavor('master_flavor', facts.master_flavor, { flavors, disk }, record)
  return {
    ...(image === undefined ? {} : { image: { id: image.id, name: image.name ?? image.id } }),
    flavor: flavor && { ...flavor, isDefault: facts.flavor === undefined },
    masterFlavor: masterFlavor && { ...masterFlavor, isDefault: facts.master_flavor === undefined },
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
  { flavors, disk }: { readonly flavors: readonly Flavor[]; readonly disk: number },
  record: PreflightRecord,
): Flavor | undefined {
  const canBoot = (flavor: Flavor): boolean => flavor.disk >= disk
  const publics = flavors.filter(
    (flavor) => flavor['os-flavor-access:is_public'] && flavor['OS-FLV-DISABLED:disabled'] !== true,
  )
  const bySize = publics
    .filter((flavor) => suffices(flavor) && canBoot(flavor))
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
  if (found !== undefined)
    record.claim(
      `nodes of ${key.replace('_', ' ')} ${found.name} have a disk to boot from`,
      canBoot(found),
      { disk: found.disk, needed: disk },
      {
        code: 'preflight/flavor-without-disk',
        where: `flavor ${found.name}`,
        message: `\`${found.name}\` has a disk of ${found.disk} GiB, and the image needs ${disk}`,
        remedy:
          bySize[0] === undefined
            ? `write the label \`${bootLabel}\` into the template: nodes then boot from a volume of so many GiB`
            : `put \`${bySize[0].name}\` as \`${key}\` into ${record.file}, or write the label \`${bootLabel}\` into the template`,
      },
    )
  return found
}

function suffices(flavor: Flavor): boolean {
  return flavor.vcpus >= smallest.vcpus && flavor.ram >= smallest.ram
}
