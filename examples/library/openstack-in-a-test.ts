// An OpenStack for a test of your own program: in this process as a `fetch`, or on a port of 127.0.0.1.
import { domains, openSession, Secret } from 'tenant-onboard/openstack'
import { createCloud, serve } from 'tenant-onboard/simulator'

const cloud = createCloud()
const { admin } = cloud
const session = openSession({
  actor: 'operator',
  endpoint: { authUrl: cloud.url },
  fetch: cloud.fetch,
  auth: {
    kind: 'password',
    user: { name: admin.name, domain: { name: admin.userDomain } },
    password: new Secret(admin.password),
    scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
  },
})
await domains.createDomain(session, { name: 'acme', description: 'made by a test' })

// for a client in another language: point it at this address
const served = await serve({ cloud, port: 0 })
const root = await fetch(served.url)
await served.close()

const names = (await domains.listDomains(session)).map(({ name }) => name)
process.stdout.write(`${JSON.stringify({ hasAcme: names.includes('acme'), status: root.status })}\n`)
