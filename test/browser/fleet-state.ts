import type { FleetState } from '../../src/fleet/state-file.ts'

const none = { planned: 0, done: 0, unchanged: 0, held: 0, refused: 0, failed: 0, stopped: 0 }

/** A fleet midway, as its file has it. */
export const fleetState: FleetState = {
  version: 1,
  folder: '/srv/tenants',
  command: 'fleet apply',
  pid: 4711,
  state: 'running',
  startedAt: '2026-05-04T10:00:00.000Z',
  updatedAt: '2026-05-04T10:10:42.000Z',
  limits: { overall: 8, perCloud: 4 },
  tenants: 1000,
  ended: 412,
  counts: { ...none, done: 380, unchanged: 28, refused: 3, failed: 1 },
  perMinute: 38.5,
  secondsLeft: 916,
  clouds: [
    {
      cloud: 'east',
      tenants: 600,
      running: 3,
      waiting: 345,
      ...none,
      done: 230,
      unchanged: 18,
      held: 0,
      refused: 3,
      failed: 1,
    },
    { cloud: 'west', tenants: 400, running: 2, waiting: 238, ...none, done: 150, unchanged: 10 },
  ],
  running: [
    { tenant: 'initech', cloud: 'east', stage: 'network' },
    { tenant: 'globex', cloud: 'east', stage: 'isolation' },
    { tenant: 'hooli', cloud: 'east' },
    { tenant: 'umbrella', cloud: 'west', stage: 'cluster' },
    { tenant: 'stark', cloud: 'west', stage: 'domain' },
  ],
  attention: [
    {
      result: 'refused',
      code: 'preflight/no-image',
      because: 'there is no public image with kube_version and os_distro',
      remedy: 'publish one',
      count: 3,
      tenants: ['east/acme', 'east/vandelay', 'east/wonka'],
    },
    {
      result: 'failed',
      because: 'network: POST /v2.0/routers got no answer (timeout)',
      count: 1,
      tenants: ['east/tyrell'],
    },
  ],
}
