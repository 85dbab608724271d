/** A cluster of capi-helm that has its `stack_id` and whose driver still works on it. */
import { expect, test } from 'vitest'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'

test('it is deleted only when its node groups have the stack id', async () => {
  let asked = 0
  const order: string[] = []
  const bed = await openSimulated(
    { preset: 'epoxy', isPersonaBuilt: true, faults: ['cluster-never-finishes'] },
    {
      fetch: async (url, init) => {
        const answer = await bed.cloud.fetch(url, init)
        if (init.method === 'DELETE' && /\/v1\/clusters\//.test(url)) order.push('delete')
        if (!url.endsWith('/nodegroups')) return answer
        asked += 1
        if (asked > 2) return answer
        order.push('in the making')
        const chunks: Uint8Array[] = []
        for await (const chunk of answer.body ?? []) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString('utf8')
        return { ...answer, headers: answer.headers, status: answer.status, body: replay(unnamed(text)) }
      },
    },
  )
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', file, '--yes', '--no-wait')).code).toBe(0)
  asked = 0
  order.length = 0
  const { code, err, out } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(code, out + err).toBe(0)
  expect(order.filter((one, index) => order[index - 1] !== one)).toEqual(['in the making', 'delete'])
  await bed.remove()
})

function unnamed(text: string): string {
  return text.replaceAll(/"stack_id":"[^"]*"/g, '"stack_id":null')
}

async function* replay(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}
