// A tenant from its file to its finished state, on an OpenStack in this process.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTenant } from 'tenant-onboard'
import { createCloud, operatorEnvironment } from 'tenant-onboard/simulator'

const folder = await mkdtemp(join(tmpdir(), 'onboarding-'))
const file = join(folder, 'tenant.yaml')
await writeFile(
  file,
  `version: 1
tenant: acme
cloud: prod
projects:
  - name: web
    quotas: {compute: {instances: 10}}
    network: {cidr: 10.20.0.0/24}
`,
)

const cloud = createCloud()
const tenant = await openTenant({
  file,
  dataDirectory: join(folder, 'data'),
  // on a real cloud leave these two out: the entry `prod` of clouds.yaml says where it is
  env: operatorEnvironment(cloud),
  fetch: cloud.fetch,
})
try {
  const { plan, findings } = await tenant.plan()
  const obstacles = findings.filter(({ severity }) => severity === 'error' || severity === 'unknown')
  const first = await tenant.apply({ approve: () => true })
  const again = await tenant.plan()
  const { results } = await tenant.verify()
  const stages = await tenant.status()
  const changes = (of: typeof plan) => (of?.steps ?? []).filter(({ action }) => action !== 'keep').length
  process.stdout.write(
    `${JSON.stringify({
      planned: changes(plan),
      obstacles: obstacles.length,
      ok: first.kind === 'applied' && first.ok,
      left: changes(again.plan),
      probes: results.length,
      validated: stages.filter(({ state }) => state === 'validated').map(({ stage }) => stage),
    })}\n`,
  )
} finally {
  await tenant.close()
}
