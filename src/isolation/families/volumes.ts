import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { hasService } from '../../openstack/has-service.ts'
import { othersIn } from './compute.ts'

/** Read only: a probe makes no volume or load balancer, because a back end may take long to remove it. */
export async function probeVolumes(family: Family, { own }: VerificationFixture): Promise<void> {
  const as = own.account
  const lists = [
    ['volumes', 'block-storage', '/volumes/detail', 'volumes', 'os-vol-tenant-attr:tenant_id', 'volume:get_all'],
    [
      'snapshots',
      'block-storage',
      '/snapshots/detail',
      'snapshots',
      'os-extended-snapshot-attributes:project_id',
      'volume:get_all_snapshots',
    ],
    [
      'load-balancers',
      'load-balancer',
      '/lbaas/loadbalancers',
      'loadbalancers',
      'project_id',
      'os_load-balancer_api:loadbalancer:get_all',
    ],
  ] as const
  await Promise.all(
    lists.map(async ([id, service, path, key, owner, rule]) => {
      if (!(await hasService(as.session, service))) return
      await family.check({
        id: `list-${id}`,
        claim: `an account sees no ${id.replace('-', ' ')} of other projects, even when it asks for all tenants`,
        as,
        whom: `the ${id.replace('-', ' ')} of all projects`,
        rule,
        expected: 'empty',
        ask: async (session) => {
          const query = service === 'block-storage' ? { all_tenants: 1 } : {}
          const answer = await session.request({ service, method: 'GET', path, query })
          return othersIn(answer.body, key, owner, (await session.token()).projectId)
        },
        shows: (others) => others > 0,
        describe: (others) => `${others} of other projects`,
      })
    }),
  )
}
