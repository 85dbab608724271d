import { expect, test } from 'vitest'
import { workFairly } from '../../src/fleet/schedule.ts'
import { fc, runs } from '../fast-check.ts'

const limit = fc.integer({ min: 1, max: 6 })

test('everything is worked on once, never more at once than the limits say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 8 }), { maxLength: 5 }),
      limit,
      limit,
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 10 }),
      async (sizes, overall, perCloud, pauses) => {
        const queues = new Map(
          sizes.map((size, cloud) => [`c${cloud}`, Array.from({ length: size }, (_, index) => ({ cloud, index }))]),
        )
        const running = new Map<number, number>()
        const seen: string[] = []
        let most = 0
        let mostOfOne = 0
        let turn = 0
        await workFairly(queues, { overall, perCloud }, async ({ cloud, index }) => {
          running.set(cloud, (running.get(cloud) ?? 0) + 1)
          most = Math.max(
            most,
            [...running.values()].reduce((sum, one) => sum + one, 0),
          )
          mostOfOne = Math.max(mostOfOne, running.get(cloud) ?? 0)
          for (let wait = pauses[turn++ % pauses.length] ?? 0; wait >= 0; wait--) await Promise.resolve()
          running.set(cloud, (running.get(cloud) ?? 0) - 1)
          seen.push(`${cloud}/${index}`)
        })
        const all = sizes.flatMap((size, cloud) => Array.from({ length: size }, (_, index) => `${cloud}/${index}`))
        expect(seen.sort()).toEqual(all.sort())
        expect(most).toBeLessThanOrEqual(overall)
        expect(mostOfOne).toBeLessThanOrEqual(perCloud)
      },
    ),
    { numRuns: runs(200) },
  )
})

test('a small cloud is done long before a large one, though it comes last', async () => {
  const order: string[] = []
  const large = Array.from({ length: 100 }, () => 'large')
  const queues = new Map([
    ['large', large],
    ['small', Array.from({ length: 10 }, () => 'small')],
  ])
  await workFairly(queues, { overall: 4, perCloud: 4 }, async (cloud) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    order.push(cloud)
  })
  expect(order.lastIndexOf('small')).toBeLessThan(30)
})
