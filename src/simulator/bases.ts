/** The address of each service. */
import { SERVICE_TYPES } from './world.ts'
import type { ServiceType } from './world.ts'

/** Below one host, as DevStack lays them out. */
const PREFIXES: Readonly<Record<ServiceType, string>> = {
  identity: '/identity',
  compute: '/compute',
  network: '/networking',
  image: '/image',
  'block-storage': '/volume',
  'load-balancer': '/load-balancer',
  'key-manager': '/key-manager',
  'container-infra': '/container-infra',
  orchestration: '/orchestration',
  placement: '/placement',
}

/** Every service below one URL. */
export function basesBelow(url: string): Record<ServiceType, string> {
  const root = url.replace(/\/$/, '')
  const bases: Partial<Record<ServiceType, string>> = {}
  for (const type of SERVICE_TYPES) bases[type] = `${root}${PREFIXES[type]}`
  return { ...nowhere, ...bases }
}

const nowhere: Record<ServiceType, string> = {
  identity: '',
  compute: '',
  network: '',
  image: '',
  'block-storage': '',
  'load-balancer': '',
  'key-manager': '',
  'container-infra': '',
  orchestration: '',
  placement: '',
}
