import type { NetworkReport } from '../network.ts'
import type { Report } from '../report.ts'
import { paragraph, section } from './block.ts'
import type { NetworkNode, NetworkView, SectionView } from './block.ts'

export function network({ networks }: Report): SectionView {
  const blocks =
    networks.length === 0
      ? [paragraph('No project asks for a network.')]
      : networks.map((one) => ({ kind: 'network', ...networkView(one) }) as const)
  return section('network', 'The network', ...blocks)
}

function networkView(of: NetworkReport): NetworkView {
  const outside =
    of.snat.addresses.length === 0
      ? 'The address outside was not read yet.'
      : `To the outside it is ${of.snat.addresses.join(', ')}.`
  return {
    project: of.project,
    nodes: nodesOf(of),
    sentence: sentence(of),
    caption: `Project ${of.project}. ${outside}`,
  }
}

function nodesOf({ external, router, snat, network: net, subnet, cluster }: NetworkReport): readonly NetworkNode[] {
  const snatText = snat.isOn === undefined ? 'SNAT not read' : snat.isOn ? 'SNAT on' : 'SNAT off'
  const inside = (kind: string, name: string, values: readonly string[]): NetworkNode => ({
    kind,
    name,
    values,
    isTenants: true,
  })
  return [
    { kind: 'external network', name: external ?? 'not known', values: [], isTenants: false },
    inside('router', router.name, [router.status ?? 'not read', snatText, ...snat.addresses]),
    inside('network and subnet', net.name, [subnet.name, subnet.cidr ?? 'prefix not chosen']),
    ...(cluster === undefined ? [] : [inside('cluster', cluster.name, clusterValues(cluster))]),
  ]
}

function clusterValues({ status, api, masters, nodes }: NonNullable<NetworkReport['cluster']>): readonly string[] {
  return [
    status ?? 'not read',
    ...(api === undefined ? [] : [api.replace(/^https?:\/\//, '')]),
    ...(masters.length + nodes.length === 0 ? [] : [`${masters.length} master, ${nodes.length} node`]),
  ]
}

function sentence({ external, router, snat, network: net, subnet, cluster, project }: NetworkReport): string {
  const by = snat.addresses.length === 0 ? '' : `, which translates to ${snat.addresses.join(', ')}`
  const prefix = subnet.cidr === undefined ? '' : ` (${subnet.cidr})`
  const inside = cluster === undefined ? '' : `; cluster ${cluster.name} is on it`
  return `Project ${project}: ${external ?? 'the external network'}, router ${router.name}${by}, network ${net.name} with subnet ${subnet.name}${prefix}${inside}`
}
