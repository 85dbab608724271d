/** By the head of the action, since each service has its own way to name them. */
const services: readonly (readonly [RegExp, string])[] = [
  [/^identity:|^(?:GET|POST) \/v3\//, 'identity'],
  [/^network:/, 'network'],
  [/^os_compute_api:/, 'compute'],
  [/^image:/, 'image'],
  [/^volume/, 'block storage'],
  [/^secrets?:/, 'key manager'],
  [/^os_load-balancer_api:/, 'load balancer'],
  [/^(?:clustertemplate|cluster|certificate|quota):/, 'clusters'],
  [/^/, 'else'],
]

/** For people: `identity`, `network`. */
export function serviceOf(action: string): string {
  return services.find(([head]) => head.test(action))?.[1] ?? 'else'
}

/** Keystone first: it decides who is who. */
export function rankOf(service: string): number {
  return services.findIndex(([, name]) => name === service)
}
