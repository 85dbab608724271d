/** Addresses of a subnet's pools. Neutron takes a random one; this takes the lowest free one. */
import { conflict } from './error.ts'
import { parseAddress, renderAddress } from '../../ipv4.ts'
import type { FixedIp, Subnet } from '../../state.ts'
import type { World } from '../../world.ts'

export function usedAddresses(world: World, subnetId: string): ReadonlySet<string> {
  const used = new Set<string>()
  for (const port of world.state.ports.values()) {
    for (const fixed of port.fixed_ips) if (fixed.subnet_id === subnetId) used.add(fixed.ip_address)
  }
  return used
}

export function poolSize(subnet: Subnet): number {
  return subnet.allocation_pools.reduce(
    (sum, pool) => sum + (parseAddress(pool.end) ?? 0) - (parseAddress(pool.start) ?? 0) + 1,
    0,
  )
}

/** One address of the network, or none for a network without subnets. */
export function allocate(world: World, networkId: string): readonly FixedIp[] {
  const subnets = world.state.subnets.filter((subnet) => subnet.network_id === networkId)
  if (subnets.length === 0) return []
  for (const subnet of subnets) {
    const address = nextFree(subnet, usedAddresses(world, subnet.id))
    if (address !== undefined) return [{ subnet_id: subnet.id, ip_address: address }]
  }
  throw conflict('IpAddressGenerationFailure', `No more IP addresses available on network ${networkId}.`)
}

function nextFree(subnet: Subnet, used: ReadonlySet<string>): string | undefined {
  for (const pool of subnet.allocation_pools) {
    const end = parseAddress(pool.end) ?? -1
    for (let at = parseAddress(pool.start) ?? 0; at <= end; at += 1) {
      const address = renderAddress(at)
      if (!used.has(address)) return address
    }
  }
  return undefined
}

export function makeMac(world: World): string {
  const tail = [...world.ids.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))
  return ['fa', '16', '3e', ...tail].join(':')
}
