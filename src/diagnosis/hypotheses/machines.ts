/** What a cluster is made of: its image, its flavors, the keypair, and a driver for them. */
import type { Image } from '../../openstack/glance.ts'
import type { Flavor } from '../../openstack/nova.ts'
import type { StageName } from '../../tenant/stage.ts'
import { need } from '../experiment.ts'
import { clusterType, flavors, images, keypairs } from '../experiments/machines.ts'
import type { ImageView } from '../experiments/machines.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

const stages: readonly StageName[] = ['template', 'cluster']

export const clusterTypeUnset: Hypothesis = {
  code: 'diagnosis/cluster-type-unset',
  supposes: 'the creator sees no image for the clusters, or more than one: `(vm, Unset, kubernetes)`',
  stages,
  async test(on) {
    const view = await need(on, images)
    const why = unclear(view)
    if (why === undefined) return excluded
    return confirmed(
      {
        code: clusterTypeUnset.code,
        where: `image ${view.wanted ?? ''}`.trim(),
        message: `${why.message}: Magnum does not find exactly one image, treats its distribution as unset, and answers \`Cluster type (vm, Unset, kubernetes) not supported.\``,
        remedy: why.remedy,
        owner: 'operator',
      },
      await images(on),
    )
  },
}

function unclear({ wanted, there, seen }: ImageView) {
  const name = wanted ?? 'for Kubernetes'
  const [first] = there
  if (first === undefined)
    return {
      message: `there is no image ${name}`,
      remedy: 'upload a public one with `os_distro` and `kube_version`; put its UUID as `image` into cloud.yaml',
    }
  if (seen.length === 0)
    return {
      message: `image ${name} is ${first.visibility}, and the creator does not see it`,
      remedy: `openstack image set --public ${first.id}`,
    }
  const twin = twinOf(seen)
  if (twin === undefined || (wanted !== undefined && seen.length === 1)) return undefined
  return {
    message: `${twin.length} images are called \`${twin[0]?.name ?? ''}\``,
    remedy: `put the UUID of one as \`image\` into cloud.yaml (${twin.map(({ id }) => id).join(', ')}), and name images by UUID in templates`,
  }
}

/** Two images of one name. */
function twinOf(seen: readonly Image[]): readonly Image[] | undefined {
  return seen.map((image) => seen.filter(({ name }) => name === image.name)).find((same) => same.length > 1)
}

export const clusterTypeNone: Hypothesis = {
  code: 'diagnosis/cluster-type-none',
  supposes: 'the image of the clusters lacks `os_distro`: `(vm, None, kubernetes)`',
  stages,
  async test(on) {
    const bare = (await need(on, images)).seen.filter(({ os_distro }) => os_distro === undefined)
    const outcome = await images(on)
    return overAll(
      bare.map((image) =>
        confirmed(
          {
            code: clusterTypeNone.code,
            where: `image ${image.name ?? image.id}`,
            message:
              'it has no property `os_distro`, so Magnum finds no driver for it and answers `Cluster type (vm, None, kubernetes) not supported.`',
            remedy: `openstack image set --property os_distro=ubuntu ${image.id} (capi-helm: ubuntu or flatcar; Heat: fedora-coreos)`,
            owner: 'operator',
          },
          outcome,
        ),
      ),
    )
  },
}

export const imageWithoutKubeVersion: Hypothesis = {
  code: 'diagnosis/image-without-kube-version',
  supposes: 'the image of the clusters lacks `kube_version`, which the driver finds out late',
  stages,
  async test(on) {
    const bare = (await need(on, images)).seen.filter(({ kube_version }) => kube_version === undefined)
    const outcome = await images(on)
    return overAll(
      bare.map((image) =>
        confirmed(
          {
            code: imageWithoutKubeVersion.code,
            where: `image ${image.name ?? image.id}`,
            message: `it has no property \`kube_version\`: the driver refuses it after trustee and trust are made (\`Image ${image.id} does not have a kube_version property.\`)`,
            remedy: `openstack image set --property kube_version=v1.30.0 ${image.id}, with the version of the image`,
            owner: 'operator',
          },
          outcome,
        ),
      ),
    )
  },
}

export const noDriver: Hypothesis = {
  code: 'diagnosis/no-driver',
  supposes: 'no driver of this Magnum supports the distribution of the image',
  stages,
  async test(on) {
    const { unsupported } = await need(on, clusterType)
    // Unset and None mean that nothing is known about the image, so the image is wrong and not the drivers
    if (unsupported === undefined || /Unset|None/.test(unsupported)) return excluded
    return confirmed(
      {
        code: noDriver.code,
        where: 'container-infra',
        message: `Magnum answers \`Cluster type ${unsupported} not supported.\`: the image is found, and no enabled driver supports its \`os_distro\``,
        remedy:
          'set `os_distro` of the image to a distribution of the driver (capi-helm: ubuntu, flatcar; Heat: fedora-coreos), or install and enable the driver',
        owner: 'operator',
      },
      await images(on),
      await clusterType(on),
    )
  },
}

/** magnum-capi-helm 1.4.0, driver.py, _validate_allowed_flavor; kubeadm requires 2 vCPUs and 2048 MiB. */
const smallest = { vcpus: 2, ram: 2048 }

export const flavorUnfit: Hypothesis = {
  code: 'diagnosis/flavor-too-small',
  supposes: 'a flavor of the machines is too small, or not visible to the creator',
  stages,
  async test(on) {
    const { wanted, visible } = await need(on, flavors)
    const outcome = await flavors(on)
    const better = visible.filter(suffices).sort((a, b) => a.ram - b.ram)[0]
    const instead =
      better === undefined
        ? `openstack flavor create --public --vcpus ${smallest.vcpus} --ram 4096 --disk 40 k8s.node`
        : `put \`${better.name}\` as \`flavor\` into cloud.yaml, and delete the template, so that apply makes it again`
    if (wanted.length === 0 && better === undefined)
      return confirmed(
        {
          code: flavorUnfit.code,
          where: 'flavors',
          message: `no flavor that the creator sees suffices for Kubernetes: ${message}`,
          remedy: instead,
          owner: 'operator',
        },
        outcome,
      )
    return overAll(
      wanted.map(({ name, seen }) => {
        if (seen !== undefined && suffices(seen)) return excluded
        const finding =
          seen === undefined
            ? {
                code: 'diagnosis/flavor-not-visible',
                message: `the creator does not see it (private, or deleted): Magnum says \`Unable to find flavor\`, or, if it is deleted, the driver \`Flavor ${name} does not have enough RAM\``,
                remedy: `openstack flavor set --project PROJECT ${name}; or ${instead}`,
              }
            : {
                code: flavorUnfit.code,
                message: `it has ${seen.vcpus} vCPUs and ${seen.ram} MiB: ${message}`,
                remedy: instead,
              }
        return confirmed({ ...finding, where: `flavor ${name}`, owner: 'operator' }, outcome)
      }),
    )
  },
}

const message = `Kubernetes needs ${smallest.vcpus} and ${smallest.ram} (\`Flavor X does not have enough RAM to run Kubernetes. Minimum 2048 MB required.\`)`

function suffices({ vcpus, ram }: Flavor): boolean {
  return vcpus >= smallest.vcpus && ram >= smallest.ram
}

export const foreignKeypair: Hypothesis = {
  code: 'diagnosis/keypair-of-another-user',
  supposes: 'the keypair of the clusters belongs to another account than their creator',
  stages: ['credentials', 'cluster'],
  async test(on) {
    const found = (await need(on, keypairs)).filter(({ isCreators, others }) => !isCreators && others.length > 0)
    const outcome = await keypairs(on)
    const { creator } = on.subject.tenant.names
    return overAll(
      found.map(({ name, others }) =>
        confirmed(
          {
            code: foreignKeypair.code,
            where: `keypair ${name}`,
            message: `it belongs to ${others.join(' and ')} and not to ${creator}: Nova's keypairs belong to a user and not to a project, and Magnum looks it up as the creator (\`Unable to find keypair ${name}.\`)`,
            remedy: `import the same public key as ${creator} under the same name; \`tenant-onboard apply\` makes one for the creator`,
            owner: 'tenant',
          },
          outcome,
        ),
      ),
    )
  },
}
