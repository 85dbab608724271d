import { serviceTable } from '../openstack/services.ts'
import type { ServiceType } from '../openstack/services.ts'

/**
 * What an action is about, by its head, since each service has its own way to name them. In the order of the report: Keystone
 * first, which decides who is who.
 */
const sections = {
  identity: { label: serviceTable.identity.label, actions: /^identity:|^(?:GET|POST) \/v3\// },
  network: { label: serviceTable.network.label, actions: /^network:/ },
  compute: { label: serviceTable.compute.label, actions: /^os_compute_api:/ },
  image: { label: serviceTable.image.label, actions: /^image:/ },
  'block-storage': { label: serviceTable['block-storage'].label, actions: /^volume/ },
  'key-manager': { label: serviceTable['key-manager'].label, actions: /^secrets?:/ },
  'load-balancer': { label: serviceTable['load-balancer'].label, actions: /^os_load-balancer_api:/ },
  'container-infra': { label: 'clusters', actions: /^(?:clustertemplate|cluster|certificate|quota):/ },
  orchestration: { label: serviceTable.orchestration.label, actions: /^stacks:/ },
} satisfies Record<ServiceType, { readonly label: string; readonly actions: RegExp }>

const services = [...Object.values(sections), { label: 'else', actions: /^/ }]

/** For people: `identity`, `network`. */
export function serviceOf(action: string): string {
  return services.find(({ actions }) => actions.test(action))?.label ?? 'else'
}

export function rankOf(service: string): number {
  return services.findIndex(({ label }) => label === service)
}
