import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTransport } from '../../src/openstack/http.ts'
import type { Transport } from '../../src/openstack/http.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { listProjects } from '../../src/openstack/keystone/projects.ts'
import { listUsers } from '../../src/openstack/keystone/users.ts'
import { listNetworks } from '../../src/openstack/neutron/networks.ts'
import { listRouters } from '../../src/openstack/neutron/routers.ts'
import { listSubnets } from '../../src/openstack/neutron/subnets.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { FaultName } from '../crash/faults.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import { findLab, layOverride, runLab } from './cloud.ts'
import { openFaultProxy } from './fault-proxy.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { builtOverride, openProbing } from './probing.ts'
import type { Probing } from './probing.ts'

/*
 * A sample of what test/crash tries on the simulator, on real services and over real connections: a request of each service
 * meets a fault on its way, and the same command again ends where it should.
 */

let proxy: FaultProxy
let transport: Transport
let probing: Probing
let cloudsYaml: string

beforeAll(async () => {
  const lab = await findLab()
  probing = openProbing(lab.keystones.main)
  cloudsYaml = lab.cloudsYaml
  proxy = await openFaultProxy()
  transport = createTransport({ proxy: { http: proxy.url } })
})

// they ask for the same prefix
beforeEach(async () => {
  await runLab('reset')
  const { text } = await builtOverride('debian-22+oct-2026', 'default')
  await layOverride((await findLab()).keystones.main, text)
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await transport.close()
  await proxy.close()
  await probing.close()
})

const strikes: readonly (readonly [what: string, line: RegExp, body: string, fault: FaultName])[] = [
  ['domain', /^POST .*\/v3\/domains$/, '"FAULTY"', '500 after the effect'],
  ['project', /^POST .*\/v3\/projects$/, '"FAULTY-prod"', 'answer lost'],
  ['network', /^POST .*\/networks$/, '"FAULTY-net"', 'answer lost'],
  ['router', /^POST .*\/routers$/, '"FAULTY-router"', '503 before it'],
  ['template', /^POST .*\/clustertemplates$/, '"FAULTY-k8s"', '500 after the effect'],
  ['cluster', /^POST .*\/clusters$/, '"FAULTY-cluster"', 'answer lost'],
]

test.each(strikes)('a %s whose request meets a fault', { timeout: 600_000 }, async (what, line, body, fault) => {
  const tenant = `faulty-${what}`
  const bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: cloudsYaml }, transport.fetch)
  try {
    const file = await bed.write('tenant.yaml', await exampleTenant(tenant))
    const struck = proxy.strike({ line, body: body.replace('FAULTY', tenant), fault })
    const first = await bed.run('apply', file, '--yes', '--no-wait')
    expect([0, 3, 4], first.err).toContain(first.code)
    expect(struck(), first.out + first.err).toBe(true)
    const second = await bed.run('apply', file, '--yes', '--no-wait')
    expect(second.code, `${first.err}\n${second.err}`).toBe(0)
    // it also looks for two of a name, where only the tenant sees them
    const plan = await bed.run('plan', file, '--exit-code')
    expect(plan.code, plan.out).toBe(0)
    expect(await countsOf(probing.operator, tenant)).toEqual({
      projects: 1,
      users: 3,
      networks: 1,
      subnets: 1,
      routers: 1,
    })
  } finally {
    await bed.remove()
  }
})

/** How often each thing of a tenant exists. */
async function countsOf(operator: Session, tenant: string) {
  const domain = await findDomain(operator, tenant)
  const domainId = domain?.id ?? ''
  const [users, projects] = await Promise.all([
    listUsers(operator, { domain_id: domainId }),
    listProjects(operator, { domain_id: domainId }),
  ])
  const project_id = projects[0]?.id ?? ''
  const [networks, subnets, routers] = await Promise.all([
    listNetworks(operator, { project_id }),
    listSubnets(operator, { project_id }),
    listRouters(operator, { project_id }),
  ])
  const named = (list: readonly { readonly name: string | null }[]): number =>
    list.filter(({ name }) => name?.startsWith(tenant)).length
  return {
    projects: projects.length,
    users: users.length,
    // Heat makes networks of its own for the cluster
    networks: named(networks),
    subnets: named(subnets),
    routers: named(routers),
  }
}
