import { describe, expect, test, vi } from 'vitest'
import { isBlocked } from '../../src/finding.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { lookAtDashboard } from '../../src/probes/dashboard.ts'
import { Secret } from '../../src/secret.ts'
import { csrf, fakeHorizon, session } from './fake-horizon.ts'
import type { FakeHorizon } from './fake-horizon.ts'

const account = { domain: 'acme', name: 'acme-domain-admin', password: 'a password of the manager' }
const address = 'https://cloud.example.com/horizon'

async function look(
  options: FakeHorizon = {},
  more: { readonly address?: string | undefined; readonly isAnonymous?: true } = {},
) {
  const horizon = fakeHorizon({ account, ...options })
  const findings = await lookAtDashboard(
    { address, fetch: horizon.fetch, allowHttp: false, startTimer: hurried, ...more },
    more.isAnonymous === true ? undefined : { ...account, password: new Secret(account.password) },
  )
  return { ...horizon, findings, codes: findings.map(({ code }) => code) }
}

/** Deadlines a thousand times as early. */
const hurried = (milliseconds: number, then: () => void): (() => void) => {
  const timer = setTimeout(then, milliseconds / 1000)
  return () => {
    clearTimeout(timer)
  }
}

test('a dashboard in which a manager can work has no finding', async () => {
  expect((await look()).findings).toEqual([])
})

test.each([
  ['no address', {}, { address: undefined }, 'dashboard/no-address'],
  ['no answer', { silentAt: '/horizon/' }, {}, 'dashboard/no-answer'],
  ['another page', { isOther: 'page' }, {}, 'dashboard/not-horizon'],
  ['no page', { isOther: 'nothing' }, {}, 'dashboard/not-horizon'],
  ['no field for the domain', { domain: 'none' }, {}, 'dashboard/no-domain-field'],
  ['a list of domains without ours', { domain: ['default', 'other'] }, {}, 'dashboard/no-domain-field'],
  ['a refused sign-in', { account: { ...account, password: 'another' } }, {}, 'dashboard/sign-in-refused'],
  ['a password that must be changed', { wantsNewPassword: true }, {}, 'dashboard/sign-in-refused'],
  ['a session that is lost', { losesSessions: true }, {}, 'dashboard/sign-in-refused'],
  ['a hidden persona', { knowsPersona: false }, {}, 'dashboard/persona-hidden'],
  ['refused members', { showsMembers: false }, {}, 'dashboard/members-refused'],
  ['a shown "Admin"', { showsAdmin: true }, {}, 'dashboard/admin-shown'],
  ['no project to look at', { hasProject: false }, {}, 'dashboard/members-unseen'],
  ['nobody to sign in as', {}, { isAnonymous: true }, 'dashboard/not-signed-in'],
] as const)('%s is told as itself, with owner and remedy', async (_, options, more, code) => {
  const { codes, findings } = await look(options, more)
  expect(codes).toEqual([code])
  expect(findings[0]?.owner).toBe('operator')
  expect(findings[0]?.remedy).not.toBe('')
  // a dashboard decides no right
  expect(isBlocked(findings)).toBe(false)
})

test('a list with the domain is as good as a field', async () => {
  expect((await look({ domain: ['default', 'acme'] })).findings).toEqual([])
})

describe('the password', () => {
  test('is not sent where there is no domain, because an account elsewhere may have the same name', async () => {
    const { sent } = await look({ domain: 'none' })
    expect(sent.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('is not sent in plain http to another machine, and is to this one', async () => {
    const plain = await look(
      { root: 'http://cloud.example.com/horizon/' },
      { address: 'http://cloud.example.com/horizon' },
    )
    expect(plain.codes).toEqual(['dashboard/plain-http'])
    expect(plain.sent.filter(({ method }) => method === 'POST')).toEqual([])
    expect((await look({ root: 'http://127.0.0.1:8080/' }, { address: 'http://127.0.0.1:8080' })).codes).toEqual([])
  })

  test('does not follow a redirect to another host, or from https to http', async () => {
    for (const target of ['https://elsewhere.example.com/auth/login/', 'http://cloud.example.com/auth/login/']) {
      const urls: string[] = []
      const fetch = (url: string) => {
        urls.push(url)
        const headers = { get: (name: string) => (name === 'location' ? target : null) }
        return Promise.resolve({ status: 302, headers, body: null })
      }
      const [finding] = await lookAtDashboard(
        { address, fetch, allowHttp: false },
        { ...account, password: new Secret(account.password) },
      )
      expect(finding?.code).toBe('dashboard/no-answer')
      expect(urls).toEqual([`${address}/`])
    }
  })

  test('and the cookies are in no finding, also where Horizon repeats them', async () => {
    const { findings } = await look({ refusal: `wrong: ${account.password}, ${csrf}` })
    const text = JSON.stringify(findings)
    expect(text).toContain('cannot sign in: wrong: [redacted]')
    for (const secret of [account.password, csrf, session]) expect(text).not.toContain(secret)
  })

  test('leaves the name of a domain readable, which a cookie repeats', async () => {
    const { findings } = await look({ showsMembers: false })
    expect(findings).toHaveLength(1)
    const { findings: after } = await look({ refusal: 'acme' })
    expect(after[0]?.message).toContain('of `acme`')
  })
})

describe('the session', () => {
  test.each([
    ['all is well', {}],
    ['the persona is hidden', { knowsPersona: false }],
    ['a page never comes', { silentAt: 'identity/users/' }],
    ['Django wants a form to sign out', { wantsFormToSignOut: true }],
  ])('is ended, though %s', async (_, options) => {
    const { sessions, sent } = await look(options)
    expect(sessions.size).toBe(0)
    expect(sent.some(({ url }) => url.endsWith('/auth/logout/'))).toBe(true)
  })

  test('is begun again by nobody: a refused sign-in is sent once', async () => {
    const { sent } = await look({ refusal: 'Invalid credentials.' })
    expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
})

test('an address without the path of Horizon is followed to it', async () => {
  const { findings, sent } = await look({}, { address: 'https://cloud.example.com' })
  expect(findings).toEqual([])
  expect(sent.at(-1)?.url).toBe('https://cloud.example.com/horizon/auth/logout/')
})

test('a visit takes two minutes at most, the way out included', async () => {
  vi.useFakeTimers()
  try {
    const horizon = fakeHorizon({ account, wantsFormToSignOut: true })
    const fetch: Fetch = async (url, init) => {
      const isLast = url.endsWith('/auth/logout/') && init.method === 'POST'
      const seconds = isLast ? 600 : url.endsWith('/auth/logout/') ? 4.9 : 30
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      return horizon.fetch(url, init)
    }
    let codes: readonly string[] | undefined
    const looked = lookAtDashboard(
      { address, fetch, allowHttp: false },
      { ...account, password: new Secret(account.password) },
    ).then((findings) => {
      codes = findings.map(({ code }) => code)
    })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(codes).toEqual(['dashboard/no-answer'])
    await looked
    expect(horizon.sent.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toContain(
      'GET /horizon/auth/logout/',
    )
  } finally {
    vi.useRealTimers()
  }
})
