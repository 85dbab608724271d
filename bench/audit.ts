/**
 * An audit of a thousand tenants with ten thousand users, on the simulator: time and requests. Exits 1 beyond ten
 * seconds, or if the number of requests grows with the tenants.
 *
 *   node scripts/bench.mjs audit
 */
import { audit } from '../src/audit/audit.ts'
import { openSession } from '../src/openstack/session.ts'
import { Secret } from '../src/secret.ts'
import { createCloud } from '../src/simulator/cloud.ts'

const promisedMs = 10_000
const promisedRequests = 20
const names = Array.from({ length: 1000 }, (_, index) => `tenant-${index}`)

const cloud = createCloud({
  preset: 'zed-patched',
  overrides: [],
  domains: names.map((name) => ({
    name,
    projects: [`${name}-prod`],
    users: [
      { name: `${name}-domain-admin`, grants: [{ role: 'manager', domain: true }] },
      ...Array.from({ length: 9 }, (_, person) => ({
        name: `${name}-person-${person}`,
        grants: [{ role: 'member', project: `${name}-prod` }],
      })),
    ],
  })),
})
let requests = 0
const operator = openSession({
  actor: 'operator',
  endpoint: { authUrl: cloud.url, region: cloud.region },
  auth: {
    kind: 'password',
    user: { name: cloud.admin.name, domain: { name: cloud.admin.userDomain } },
    password: new Secret(cloud.admin.password),
    scope: {
      kind: 'project',
      project: { name: cloud.admin.project, domain: { name: cloud.admin.projectDomain } },
    },
  },
  fetch: cloud.fetch,
  onExchange: () => (requests += 1),
})

const started = performance.now()
const { counted, findings } = await audit({ operator, tenants: [], managedRoles: ['member', 'load-balancer_member'] })
const ms = Math.round(performance.now() - started)
const { tenants, users, assignments } = counted
process.stdout.write(
  `${tenants} tenants, ${users} users, ${assignments} assignments: ${ms} ms, ${requests} requests, ${findings.length} findings\n`,
)
if (ms > promisedMs || requests > promisedRequests) process.exitCode = 1
