/**
 * What a cluster takes of each quota, by its driver: one table for the plan, for `diagnose` and for the addresses that
 * preflight wants. Counted by what the drivers make, without what the workload asks for later.
 *
 * magnum-capi-helm: 700 recorded requests of Cluster API's provider for OpenStack 0.14.7 with a cluster's own credential;
 * its networking/securitygroups_rules.go has the eleven rules. Heat: magnum 15.0.1,
 * drivers/k8s_fedora_coreos_v1/templates/kubecluster.yaml, kubemaster.yaml, kubeminion.yaml, and
 * drivers/common/templates/lb_api.yaml, lb_etcd.yaml, environments/.
 */
import { quotaServices } from '../quotas.ts'
import type { Limits, QuotaService } from '../quotas.ts'

export type ClusterDriver = 'heat' | 'capi-helm'

export type ClusterShape = {
  readonly masters: number
  readonly workers: number
  /** Heat's alone: Cluster API always has a balancer. */
  readonly hasBalancer: boolean
  /** Heat's alone: each machine then has one, too. */
  readonly hasFloatingIps: boolean
  /** Without a fixed network the driver makes one. */
  readonly hasOwnNetwork: boolean
  /** Of the cluster, with those of its template. */
  readonly labels: Readonly<Record<string, string>>
}

/** Of one machine: MiB. The least of all flavors, where they differ. */
export type MachineSize = { readonly vcpus: number; readonly ram: number }

/** By the keys of `quotaTable`. Volumes in GiB. */
export type ClusterNeeds = Readonly<Record<QuotaService, Limits>>

/** kubeadm's minimum, which magnum-capi-helm checks: driver.py, _validate_allowed_flavor. */
export const smallestMachine: MachineSize = { vcpus: 2, ram: 2048 }

/** Neutron makes a rule for IPv4 and one for IPv6 with each group, and they count. */
const egressRules = 2

export function clusterNeeds(driver: ClusterDriver, shape: ClusterShape, size: MachineSize): ClusterNeeds {
  const { masters, workers, labels } = shape
  const machines = masters + workers
  const common = {
    compute: { instances: machines, cores: machines * size.vcpus, ram: machines * size.ram },
    block_storage: volumesOf(shape),
    container_infra: { cluster: 1 },
  }
  const own = shape.hasOwnNetwork ? { network: 1, subnet: 1, router: 1 } : {}
  const routerPorts = shape.hasOwnNetwork ? 1 : 0
  if (driver === 'capi-helm')
    return {
      ...common,
      network: {
        ...own,
        security_group: 2,
        security_group_rule: 11 + 2 * egressRules,
        port: machines + 1 + routerPorts,
        floatingip: labels['master_lb_floating_ip_enabled'] === 'false' ? 0 : 1,
      },
      load_balancer: { load_balancer: 1, listener: 1, pool: 1, health_monitor: 1, member: masters },
    }
  // for the API and for etcd
  const balancers = shape.hasBalancer ? 2 : 0
  const isOpen = (labels['master_lb_floating_ip_enabled'] ?? String(shape.hasFloatingIps)) === 'true'
  return {
    ...common,
    compute: { ...common.compute, server_groups: 2 },
    network: {
      ...own,
      security_group: 2,
      security_group_rule: 23 + 2 * egressRules,
      port: machines + balancers + routerPorts,
      floatingip: (shape.hasFloatingIps ? machines : 0) + (shape.hasBalancer && isOpen ? 1 : 0),
    },
    load_balancer: {
      load_balancer: balancers,
      listener: balancers,
      pool: balancers,
      health_monitor: balancers,
      member: balancers * masters,
    },
  }
}

/** What every driver takes, where it is not known which one it will be. */
export function leastNeeds(shape: ClusterShape, size: MachineSize): ClusterNeeds {
  const [one, other] = [clusterNeeds('capi-helm', shape, size), clusterNeeds('heat', shape, size)]
  const least = (service: QuotaService): Limits =>
    Object.fromEntries(
      Object.entries(one[service]).map(([key, count]) => [key, Math.min(count, other[service][key] ?? 0)]),
    )
  return {
    compute: least('compute'),
    network: least('network'),
    block_storage: least('block_storage'),
    load_balancer: least('load_balancer'),
    container_infra: least('container_infra'),
  }
}

/** Both drivers read these labels, and boot from the disk of the flavor without them. */
function volumesOf({ masters, workers, labels }: ClusterShape): Limits {
  const sizeOf = (...names: readonly string[]): number =>
    Number(names.map((name) => labels[name]).find((value) => value !== undefined) ?? 0) || 0
  const boot = sizeOf('boot_volume_size')
  const etcd = sizeOf('etcd_blockdevice_size', 'etcd_volume_size')
  const machines = masters + workers
  return {
    volumes: (boot > 0 ? machines : 0) + (etcd > 0 ? masters : 0),
    gigabytes: boot * machines + etcd * masters,
  }
}

/** What the project itself has, before the first cluster: its network with a router, and Neutron's default group. */
export function projectNeeds(hasNetwork: boolean): ClusterNeeds {
  const own = hasNetwork ? { network: 1, subnet: 1, router: 1, port: 1 } : {}
  return {
    compute: {},
    network: { ...own, security_group: 1, security_group_rule: 4 },
    block_storage: {},
    load_balancer: {},
    container_infra: {},
  }
}

export function sumOf(...all: readonly ClusterNeeds[]): ClusterNeeds {
  const total = (service: QuotaService): Limits => {
    const keys = new Set(all.flatMap((one) => Object.keys(one[service])))
    return Object.fromEntries(
      [...keys].map((key) => [key, all.reduce((sum, one) => sum + (one[service][key] ?? 0), 0)]),
    )
  }
  const [compute, network, block_storage, load_balancer, container_infra] = quotaServices.map(total)
  return {
    compute: compute ?? {},
    network: network ?? {},
    block_storage: block_storage ?? {},
    load_balancer: load_balancer ?? {},
    container_infra: container_infra ?? {},
  }
}
