import { exampleTenant } from '../onboarding/stand.ts'
import { openReportStand } from './stand.ts'
import type { ReportStand } from './stand.ts'

/** What a cloud or a file may hold to make a page, a table or a reader do something: in names that reports show. */
export const hostile = {
  network: `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`,
  image: "'><svg onload=document.title='owned'>|`[x](javascript:1)`",
  description: 'Acme \u202etnanet\u202c --> </style><script>1</script> &lt;b&gt; | ok \\| <!-- x',
} as const

/** A tenant on a cloud whose external network and image are called so, with such a description. */
export async function openHostileStand(): Promise<ReportStand> {
  const stand = await openReportStand('never run')
  const { networks, images } = stand.cloud.state
  for (const row of [...networks.values()]) networks.set(row.id, { ...row, name: hostile.network })
  for (const row of [...images.values()]) images.set(row.id, { ...row, name: hostile.image })
  const described = (text: string) =>
    text.replace('description: Acme Corporation', `description: ${JSON.stringify(hostile.description)}`)
  await stand.write('tenant.yaml', await exampleTenant('acme', described))
  const { code, err } = await stand.run('apply', stand.file, '--yes')
  if (code !== 0) throw new Error(err)
  return stand
}
