/** `auth_url` without a version: where Keystone v3 is, is said by the document there, as keystoneauth reads it. */
import { expect, test } from 'vitest'
import { listDomains } from '../../src/openstack/keystone/domains.ts'
import { failure, fakeCloud, json, tokenBody } from './fake.ts'
import type { Asked } from './fake.ts'

const notFound = { error: { code: 404, title: 'Not Found', message: 'The resource could not be found.' } }
const versions = (href: string) => ({
  versions: { values: [{ id: 'v3.14', status: 'stable', links: [{ rel: 'self', href }] }] },
})

/** A cloud whose Keystone is below /identity, and whose root says that it is at `href`. */
function cloudAt(authUrl: string, href: string) {
  return fakeCloud(
    ({ url }: Asked) =>
      new URL(url).pathname === '/'
        ? json(300, versions(href))
        : json(200, { domains: [{ id: 'd1', name: 'acme', enabled: true }] }),
    {
      endpoint: { authUrl },
      signIn: ({ url }) =>
        new URL(url).pathname === '/identity/v3/auth/tokens'
          ? json(201, tokenBody(), { 'x-subject-token': 'token-1' })
          : json(404, notFound),
    },
  )
}

test.each([
  ['the address itself', 'https://cloud.example/identity/v3/'],
  ['a relative one', '/identity/v3'],
  // as behind a proxy that ends TLS
  ['plain http on the same host', 'http://cloud.example/identity/v3/'],
])('it is found once and used from then on: %s', async (_, href) => {
  const { session, asked, signIns } = cloudAt('https://cloud.example', href)
  expect((await listDomains(session)).map(({ name }) => name)).toEqual(['acme'])
  expect(signIns.map(({ url }) => url)).toEqual([
    'https://cloud.example/v3/auth/tokens',
    'https://cloud.example/identity/v3/auth/tokens',
  ])
  expect(asked.map(({ url }) => url)).toEqual([
    'https://cloud.example/',
    expect.stringMatching(/^https:\/\/cloud.example\/identity\/v3\/domains/) as unknown,
  ])
})

test('no password goes to another host that an answer names, and the message says what to write', async () => {
  const { session, signIns } = cloudAt('https://cloud.example', 'https://keystone.other/identity/v3/')
  const error: unknown = await session.token().catch((one: unknown) => one)
  expect(String(error)).toContain('Keystone v3 is at another host, https://keystone.other/identity/v3/')
  expect(String(error)).toContain('write `auth_url: https://keystone.other/identity/v3/`')
  expect(signIns).toHaveLength(1)
})

test('an address with a version, or a root that says nothing, ends with the refusal of the sign-in', async () => {
  const withVersion = cloudAt('https://cloud.example/v3', '/identity/v3')
  expect(await failure(withVersion.session.token())).toMatchObject({ kind: 'sign-in', status: 404 })
  expect(withVersion.asked).toEqual([])
  const silent = fakeCloud(() => json(404, notFound), { signIn: () => json(404, notFound) })
  expect(await failure(silent.session.token())).toMatchObject({ kind: 'sign-in', status: 404 })
})
