/** Faults that change the state, once, when the cloud is made. */
import type { Damage } from './faults.ts'
import { hashOf } from './services/keystone/hash.ts'
import type { User } from './state.ts'
import type { World } from './world.ts'

export function damage(world: World, kind: Damage): void {
  const { state } = world
  switch (kind) {
    case 'image-without-kube-version':
      dropProperty(world, 'kube_version')
      return
    case 'image-without-distribution':
      dropProperty(world, 'os_distro')
      return
    case 'image-name-twice': {
      for (const image of [...state.images.values()]) {
        const id = world.ids.uuid()
        state.images.set(id, { ...image, id })
      }
      return
    }
    case 'image-of-another-driver':
      for (const image of [...state.images.values()])
        state.images.set(image.id, { ...image, properties: { ...image.properties, os_distro: 'centos' } })
      return
    case 'no-addresses': {
      const external = state.networks.find((network) => network.name === 'provider-ext')
      for (const subnet of state.subnets.filter((each) => each.network_id === external?.id)) {
        state.subnets.set(subnet.id, { ...subnet, allocation_pools: [] })
      }
      return
    }
    case 'load-balancer-quota-met':
      state.quotas.set('load-balancer/*', { load_balancer: 0 })
      return
    case 'compute-quota-met':
      state.quotas.set('compute/*', { instances: 1 })
      return
    case 'magnum-domain-admin-lost': {
      const admin = state.users.find((user) => user.name === world.magnum.domainAdmin.name)
      state.grants.deleteWhere((grant) => grant.actorId === admin?.id)
      return
    }
    case 'magnum-domain-admin-disabled':
      changeDomainAdmin(world, { enabled: false })
      return
    case 'magnum-domain-admin-password':
      changeDomainAdmin(world, { passwordHash: hashOf('another') })
      return
    case 'image-private':
      for (const image of [...state.images.values()]) state.images.set(image.id, { ...image, visibility: 'private' })
      return
    case 'external-network-hidden': {
      // it stays external, but only for its own project
      for (const [id, policy] of [...state.rbacPolicies.entries()])
        if (policy.action === 'access_as_external')
          state.rbacPolicies.set(id, { ...policy, target_tenant: policy.project_id })
      return
    }
  }
}

function dropProperty(world: World, name: string): void {
  for (const image of [...world.state.images.values()]) {
    const properties = Object.fromEntries(Object.entries(image.properties).filter(([key]) => key !== name))
    world.state.images.set(image.id, { ...image, properties })
  }
}

function changeDomainAdmin({ state, magnum }: World, change: Partial<User>): void {
  const admin = state.users.find((user) => user.name === magnum.domainAdmin.name)
  if (admin !== undefined) state.users.set(admin.id, { ...admin, ...change })
}
