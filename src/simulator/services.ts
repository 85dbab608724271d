/** The services of the cloud, a row each: a file in services/ says all of one. */
import { barbican } from './services/barbican.ts'
import { cinder } from './services/cinder.ts'
import { glance } from './services/glance.ts'
import { heat } from './services/heat.ts'
import { keystone } from './services/keystone.ts'
import { magnum } from './services/magnum.ts'
import { neutron } from './services/neutron.ts'
import { nova } from './services/nova.ts'
import { octavia } from './services/octavia.ts'
import { placement } from './services/placement.ts'
import { SERVICE_TYPES } from './world.ts'
import type { Service } from './service.ts'
import type { ServiceType } from './world.ts'

const byType = {
  identity: keystone,
  compute: nova,
  network: neutron,
  image: glance,
  'block-storage': cinder,
  'load-balancer': octavia,
  'key-manager': barbican,
  'container-infra': magnum,
  orchestration: heat,
  placement,
} satisfies { readonly [Type in ServiceType]: Service<Type> }

export const services: readonly Service[] = SERVICE_TYPES.map((type) => byType[type])

/** Something of each service, by its type. */
export function ofEachService<T>(of: (service: Service) => T): Record<ServiceType, T>
// the overload is what `Object.fromEntries` forgets: that there is an entry for each type
export function ofEachService<T>(of: (service: Service) => T): Record<string, T> {
  return Object.fromEntries(services.map((service) => [service.type, of(service)]))
}

/** Where each service listens, all below one URL. */
export function basesBelow(url: string): Record<ServiceType, string> {
  const root = url.replace(/\/$/, '')
  return ofEachService(({ path }) => `${root}${path}`)
}
