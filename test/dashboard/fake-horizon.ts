/** A Horizon as a `Fetch`, with what the visit of src/openstack/horizon.ts reads: pages, cookies and redirects as Horizon 23.0.0 sends them. */
import type { Fetch, FetchInit } from '../../src/openstack/http.ts'

export type FakeHorizon = {
  readonly root?: string
  readonly domain?: 'text' | 'none' | readonly string[]
  readonly account?: { readonly domain: string; readonly name: string; readonly password: string }
  readonly refusal?: string
  readonly wantsNewPassword?: boolean
  /** Its cache is down: each page asks to sign in. */
  readonly losesSessions?: boolean
  readonly knowsPersona?: boolean
  readonly hasProject?: boolean
  readonly showsMembers?: boolean
  readonly showsAdmin?: boolean
  /** Another server at this address. */
  readonly isOther?: 'page' | 'nothing'
  /** Django 5. */
  readonly wantsFormToSignOut?: boolean
  /** Never answers this path. */
  readonly silentAt?: string
}

export const session = 'iwr6qi7s2x2nv0xe0jrexbscl56m8d4l'
export const csrf = 'vJLSQM04x7gFZYEACCIueFy1maE9aUrXRA0EA9yTNxIQxxyaSyUrH5iik7oxGG6w'
const project = '9c2f7890bea946a9a752f39ed2514b43'

export type Sent = { readonly method: string; readonly url: string; readonly body: string }

/** `sessions`: those that are open now. */
export function fakeHorizon(options: FakeHorizon = {}): { fetch: Fetch; sent: Sent[]; sessions: Set<string> } {
  const {
    root = 'https://cloud.example.com/horizon/',
    domain = 'text',
    knowsPersona = true,
    showsMembers = true,
  } = options
  const sent: Sent[] = []
  const sessions = new Set<string>()
  const fetch: Fetch = async (url, init) => {
    sent.push({ method: init.method, url, body: bodyOf(init) })
    const { pathname } = new URL(url)
    if (options.silentAt !== undefined && pathname.endsWith(options.silentAt)) await new Promise(() => undefined)
    const path = pathname.startsWith(new URL(root).pathname)
      ? pathname.slice(new URL(root).pathname.length)
      : `/${pathname}`
    const isSignedIn = (init.headers['Cookie'] ?? '').includes(`sessionid=${session}`) && sessions.has(session)
    return answer(path, init, isSignedIn)
  }
  const at = (path: string): string => new URL(path, root).href

  function answer(path: string, init: FetchInit, isSignedIn: boolean): Awaited<ReturnType<Fetch>> {
    if (options.isOther !== undefined) return html(options.isOther === 'page' ? 200 : 404, '<html>Welcome</html>')
    if (path === '//') return moved(root)
    if (path === 'auth/login/')
      return init.method === 'POST'
        ? signIn(init)
        : html(200, formPage(domain), [`csrftoken=${csrf}; Path=/; SameSite=Lax`])
    if (path === 'auth/logout/') {
      if (options.wantsFormToSignOut === true && init.method === 'GET') return html(405, 'Method Not Allowed')
      sessions.delete(session)
      return moved(at('auth/login/'))
    }
    if (!isSignedIn) return moved(`${at('auth/login/')}?next=/${path}`)
    const create = (table: string): string =>
      knowsPersona ? `<a id="${table}__action_create" class="btn">Create</a>` : ''
    switch (path) {
      case 'identity/':
        return html(
          200,
          `${options.showsAdmin === true ? '<a class="x" href="/horizon/admin/hypervisors/">Admin</a>' : ''}${create('tenants')}${
            options.hasProject === false ? '' : `<tr class="odd" data-object-id="${project}">`
          }`,
        )
      case 'identity/users/':
        return html(200, create('users'))
      case 'identity/groups/':
        return knowsPersona ? html(200, create('groups')) : html(403, '<html>You are not authorized</html>')
      case `identity/${project}/update/`:
        return showsMembers ? html(200, '<div id="available_update_members">') : moved(at('identity/'))
      default:
        return html(404, '<html>Not Found</html>')
    }
  }

  function signIn(init: FetchInit): Awaited<ReturnType<Fetch>> {
    const form = new URLSearchParams(bodyOf(init))
    const { account } = options
    const isRight =
      form.get('csrfmiddlewaretoken') === csrf &&
      (init.headers['Cookie'] ?? '').includes(`csrftoken=${csrf}`) &&
      (init.headers['Referer'] ?? '').startsWith(root) &&
      (account === undefined ||
        (['domain', 'name', 'password'] as const).every(
          (key) => form.get(key === 'name' ? 'username' : key) === account[key],
        ))
    if (!isRight || options.refusal !== undefined)
      return html(
        200,
        `${formPage(domain)}<div class="alert alert-danger">\n<p>${options.refusal ?? 'Invalid credentials.'}</p></div>`,
      )
    if (options.wantsNewPassword === true) return moved('/horizon/auth/password/7d3a/')
    if (options.losesSessions !== true) sessions.add(session)
    return {
      ...moved('/horizon/'),
      headers: headers({
        location: '/horizon/',
        'set-cookie': [
          'login_domain=acme; expires=Tue, 30 Nov 2027 13:30:16 GMT; Max-Age=31536000; Path=/',
          `sessionid=${session}; expires=Mon, 30 Nov 2026 14:30:16 GMT; HttpOnly; Max-Age=3600; Path=/; SameSite=Lax`,
        ].join(', '),
      }),
    }
  }
  return { fetch, sent, sessions }
}

function formPage(domain: FakeHorizon['domain']): string {
  const field =
    domain === 'text'
      ? '<input type="text" name="domain" class="form-control" id="id_domain">'
      : domain === 'none' || domain === undefined
        ? ''
        : `<select name="domain" id="id_domain">${domain.map((name) => `<option value="${name}">${name}</option>`).join('')}</select>`
  return `<div class="alert alert-danger text-center javascript-disabled">needs JavaScript</div><form method="POST">
<input type="hidden" name="csrfmiddlewaretoken" value="${csrf}"><input type="hidden" name="region" value="default" id="id_region">
<input type="text" name="username"><input type="password" name="password">${field}</form>`
}

function html(status: number, text: string, cookies: readonly string[] = []): Awaited<ReturnType<Fetch>> {
  return {
    status,
    headers: headers({
      'content-type': 'text/html; charset=utf-8',
      ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.join(', ') }),
    }),
    body: (async function* () {
      yield await Promise.resolve(Buffer.from(text))
    })(),
  }
}

function moved(location: string): Awaited<ReturnType<Fetch>> {
  return { ...html(302, ''), headers: headers({ location }) }
}

function headers(named: Readonly<Record<string, string>>): { get(name: string): string | null } {
  return { get: (name) => named[name.toLowerCase()] ?? null }
}

function bodyOf({ body }: FetchInit): string {
  return typeof body === 'string' ? body : ''
}
