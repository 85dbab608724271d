import { expect, test } from 'vitest'
import { classOf } from '../../src/policy/model/actions.ts'
import { targetOf } from '../../src/policy/model/targets.ts'
import { releases } from '../../src/policy/releases/release.ts'
import { keystoneOf } from './fixtures.ts'

/** Names with a colon are actions; the others are helpers of rules. */
async function actionsOf(release: string): Promise<readonly string[]> {
  return (await keystoneOf(release)).registered.map(({ name }) => name).filter((name) => name.includes(':'))
}

test.each(releases)('%s: every action that it registers is classified', async (release) => {
  const actions = await actionsOf(release)
  expect(actions.length).toBeGreaterThan(190)
  expect(actions.filter((name) => classOf(name) === undefined)).toEqual([])
})

test.each(releases)('%s: the owners of what belongs to a user are keys of its target', async (release) => {
  const { release: at } = await keystoneOf(release)
  const unknown = (await actionsOf(release)).flatMap((action) => {
    const keys = targetOf(at, action)?.shapes ?? []
    const has = (owner: string) =>
      keys.some((shape) =>
        shape.some(({ key }) => key === owner || (key.endsWith('.*') && owner.startsWith(key.slice(0, -1)))),
      )
    return (classOf(action)?.owners ?? []).filter((owner) => !has(owner)).map((owner) => `${action} ${owner}`)
  })
  expect(unknown).toEqual([])
})

test('an action that no release has is not classified', () => {
  expect(classOf('identity:rotate_everything')).toBeUndefined()
})
