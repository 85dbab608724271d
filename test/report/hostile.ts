import { exampleTenant } from '../onboarding/test-bed.ts'
import { openReportTestBed } from './test-bed.ts'
import type { ReportTestBed } from './test-bed.ts'

/** What a cloud or a file may hold to make a page, a table or a reader do something: in names that reports show. */
export const hostile = {
  network: `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`,
  image: "'><svg onload=document.title='owned'>|`[x](javascript:1)`",
  description: 'Acme \u202etnanet\u202c --> </style><script>1</script> &lt;b&gt; | ok \\| <!-- x',
} as const

/** A tenant on a cloud whose external network and image are called so, with such a description. */
export async function openHostileTestBed(): Promise<ReportTestBed> {
  const bed = await openReportTestBed('never run')
  const { networks, images } = bed.cloud.state
  for (const row of [...networks.values()]) networks.set(row.id, { ...row, name: hostile.network })
  for (const row of [...images.values()]) images.set(row.id, { ...row, name: hostile.image })
  const described = (text: string) =>
    text.replace('description: Acme Corporation', `description: ${JSON.stringify(hostile.description)}`)
  await bed.write('tenant.yaml', await exampleTenant('acme', described))
  const { code, err } = await bed.run('apply', bed.file, '--yes')
  if (code !== 0) throw new Error(err)
  return bed
}
