/** Another number of nodes, while Magnum tells of it step by step. */
import { expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'

test('another number of nodes is waited for, although Magnum still calls the cluster complete', async () => {
  const bed = await openSimulated({ preset: 'caracal-charmed', isPersonaBuilt: true })
  const first = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', first, '--yes')).code).toBe(0)
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => text.replace('node_count: 1', 'node_count: 3')),
  )
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, `${out}${err}`).toBe(0)
  expect(bed.cloud.state.clusters.map(({ status, node_count }) => [status, node_count])).toEqual([
    ['UPDATE_COMPLETE', 3],
  ])
  expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
  await bed.remove()
})
