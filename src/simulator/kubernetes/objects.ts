/**
 * The nodes and pods of a completed cluster, made from its row for each request. Written from manifests, and untested
 * against a real cluster: magnum 15.0.1, magnum/drivers/common/templates/kubernetes/fragments/{calico-service,
 * flannel-service,kube-apiserver-to-kubelet-role,core-dns-service}.sh for Heat; for capi-helm the namespaces of
 * capi-helm-charts 0.27.0, charts/cluster-addons/values.yaml and templates/cni/calico.yaml.
 */
import { addressOfServer } from '../services/magnum/driver-parts.ts'
import { textAt } from '../json.ts'
import type { Json } from '../json.ts'
import type { KubernetesFault } from './fault.ts'
import type { Cluster, Server } from '../state.ts'
import type { World } from '../world.ts'
import { isoSeconds } from '../world.ts'

type Machine = { readonly server: Server; readonly isMaster: boolean }

function machinesOf(world: World, cluster: Cluster): readonly Machine[] {
  return cluster.parts.flatMap((part) => {
    const server = part.kind === 'server' ? world.state.servers.get(part.id) : undefined
    return server === undefined ? [] : [{ server, isMaster: part.role === 'master' }]
  })
}

export function nodesOf(world: World, cluster: Cluster): readonly Json[] {
  return machinesOf(world, cluster).map(({ server, isMaster }, index) => {
    const isSick = world.kubernetesFaults.has('node-not-ready') && index === 0
    const since = isoSeconds(server.createdAt)
    const condition = (type: string, status: string, reason: string, message: string): Json => ({
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: since,
      lastTransitionTime: since,
    })
    return {
      metadata: {
        name: server.name,
        uid: server.id,
        creationTimestamp: since,
        labels: {
          'kubernetes.io/hostname': server.name,
          ...(isMaster ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        },
      },
      spec: { providerID: `openstack:///${server.id}` },
      status: {
        addresses: [
          { type: 'InternalIP', address: addressOfServer(world, server.id) },
          { type: 'Hostname', address: server.name },
        ],
        conditions: [
          condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
          isSick
            ? condition(
                'Ready',
                'False',
                'KubeletNotReady',
                'container runtime network not ready: cni plugin not initialized',
              )
            : condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
        ],
        nodeInfo: { kubeletVersion: cluster.coe_version ?? '', containerRuntimeVersion: 'containerd://1.7.13' },
      },
    }
  })
}

export function podsOf(world: World, cluster: Cluster): readonly Json[] {
  const machines = machinesOf(world, cluster)
  const masters = machines.filter(({ isMaster }) => isMaster)
  const isCapi = world.profile.magnumDriver === 'capi-helm'
  const on = (
    some: readonly Machine[],
    app: string,
    namespace: string,
    image: string,
    fault?: KubernetesFault,
  ): readonly Json[] =>
    some.map(({ server }) =>
      pod({ app, namespace, image, server, isStuck: fault !== undefined && world.kubernetesFaults.has(fault) }),
    )
  const driver = networkDriverOf(world, cluster)
  const network = networks[driver] ?? networks['calico']
  const controller = world.kubernetesFaults.has('no-cloud-controller')
    ? []
    : on(
        masters,
        'openstack-cloud-controller-manager',
        isCapi ? 'openstack-system' : 'kube-system',
        isCapi
          ? 'registry.k8s.io/provider-os/openstack-cloud-controller-manager:v1.30.0'
          : 'docker.io/k8scloudprovider/openstack-cloud-controller-manager:v1.23.1',
      )
  return [
    ...on(
      machines,
      network?.app ?? '',
      isCapi ? (network?.namespace ?? '') : 'kube-system',
      network?.image ?? '',
      'cni-crashing',
    ),
    ...controller,
    ...on(machines.slice(0, 1), 'coredns', 'kube-system', 'registry.k8s.io/coredns/coredns:v1.11.1'),
  ]
}

/** If the template names none Heat uses flannel (magnum/conf/cluster_templates.py), and capi-helm-charts calico. */
function networkDriverOf(world: World, cluster: Cluster): string {
  const template = world.state.clusterTemplates.get(cluster.cluster_template_id)
  return (
    textAt(template?.fields ?? {}, 'network_driver') ?? (world.profile.magnumDriver === 'heat' ? 'flannel' : 'calico')
  )
}

const networks: Readonly<Record<string, { readonly app: string; readonly namespace: string; readonly image: string }>> =
  {
    calico: { app: 'calico-node', namespace: 'calico-system', image: 'docker.io/calico/node:v3.21.2' },
    flannel: { app: 'kube-flannel-ds', namespace: 'kube-flannel', image: 'quay.io/coreos/flannel:v0.15.1' },
    cilium: { app: 'cilium', namespace: 'kube-system', image: 'quay.io/cilium/cilium:v1.15.1' },
  }

type Wanted = {
  readonly app: string
  readonly namespace: string
  readonly image: string
  readonly server: Server
  readonly isStuck: boolean
}

function pod({ app, namespace, image, server, isStuck }: Wanted): Json {
  const since = isoSeconds(server.createdAt)
  const ready = isStuck ? 'False' : 'True'
  const state = isStuck
    ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } }
    : { running: { startedAt: since } }
  return {
    metadata: {
      name: `${app}-${server.id.slice(0, 5)}`,
      namespace,
      creationTimestamp: since,
      labels: { 'k8s-app': app },
    },
    spec: { nodeName: server.name, containers: [{ name: app, image }] },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: ready, lastTransitionTime: since },
        { type: 'ContainersReady', status: ready, lastTransitionTime: since },
      ],
      containerStatuses: [{ name: app, image, ready: !isStuck, restartCount: isStuck ? 7 : 0, state }],
    },
  }
}
