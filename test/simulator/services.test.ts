import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { services } from '../../src/simulator/services.ts'
import { asAdmin, asker, at, list } from './client.ts'

const cloud = createCloud()

test.each(services.map((service) => [service.type, service] as const))(
  '%s tells its versions to anybody, stands in the catalog, and signs in with an account of its own',
  async (_, { path, name, type, catalog }) => {
    const answer = await asker(cloud)('GET', path.slice(1))
    expect([200, 300]).toContain(answer.status)
    expect(at(answer.body, 'versions')).toBeDefined()
    const types = list((await asAdmin(cloud)).body, 'token.catalog').map((entry) => at(entry, 'type'))
    expect(catalog.map((entry) => entry.type).filter((each) => !types.includes(each))).toEqual([])
    expect(cloud.state.users.some((user) => user.name === name)).toBe(type !== 'identity')
  },
)
