/**
 * A person's way into Horizon, by plain HTTP: the form, the session cookies, pages, and out again. It changes nothing in the cloud. Horizon
 * has no API; what is read here is the same in 23.0.0 and 25.3.0 (openstack_auth/forms.py and views.py, horizon/tables/actions.py).
 */
import { CloudError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { isLoopback } from './catalog-findings.ts'
import { exchange } from './exchange.ts'
import type { Fetch } from './http.ts'
import { printable } from './printable.ts'
import type { StartTimer } from './timer.ts'

export type HorizonOptions = {
  /** Where a person begins: with or without a path, and with or without a slash at its end. */
  readonly address: string
  readonly fetch: Fetch
  /** Milliseconds for one request, answer included. Absent: 60 s, because a dashboard asks several services for one page. */
  readonly deadlineMs?: number | undefined
  readonly startTimer?: StartTimer | undefined
  readonly signal?: AbortSignal | undefined
}

export type Account = { readonly domain: string; readonly name: string; readonly password: Secret }

/** The sign-in page. `domain`: a field for text, a list to choose from, or none. */
export type SignInForm = {
  readonly domain: 'text' | 'none' | readonly string[]
  /** Values of a list: the index of a region, or `default`. */
  readonly region: string | undefined
}

/** A page as it came, without the secrets of this process. `movedTo`: where a redirect leads, which is not followed. */
export type Page = { readonly text: string; readonly movedTo: string | undefined }

/** One visit. Throws `CloudError` for what does not answer, or answers with a refusal. */
export class HorizonVisit {
  readonly #options: HorizonOptions
  readonly #cookies = new Map<string, Secret>()
  #root: URL
  #form: Secret | undefined
  #isSignedIn = false

  constructor(options: HorizonOptions) {
    this.#options = options
    this.#root = new URL(options.address.endsWith('/') ? options.address : `${options.address}/`)
  }

  /** Whether a password would travel in the clear to another machine. */
  get isUnsafe(): boolean {
    return this.#root.protocol !== 'https:' && !isLoopback(this.#root.hostname)
  }

  /** Finds the sign-in page, by the redirects of the address itself; `undefined` if it is not Horizon's. */
  async open(): Promise<SignInForm | undefined> {
    let url = this.#root
    for (let moves = 0; moves <= mostMoves; moves++) {
      const page = await this.#ask('GET', url)
      if (page.movedTo === undefined) return this.#readForm(url, page)
      const next = new URL(page.movedTo, url)
      // to TLS, or to another path of the same host; nowhere else, because a password follows
      if (next.hostname !== url.hostname || (url.protocol === 'https:' && next.protocol !== 'https:'))
        throw this.#error(url, `it leads to ${next.origin}, and not to a sign-in page of its own`)
      url = next
    }
    throw this.#error(url, `it redirects more than ${mostMoves} times`)
  }

  /** Why it refuses; `undefined` if the account is signed in. Needs `open`. */
  async signIn({ domain, name, password }: Account, { region }: SignInForm): Promise<string | undefined> {
    const url = this.#at('auth/login/')
    const body = new URLSearchParams({
      csrfmiddlewaretoken: this.#form?.reveal() ?? '',
      ...(region === undefined ? {} : { region }),
      domain,
      username: name,
      password: password.reveal(),
    })
    // before the answer, which may be lost
    this.#isSignedIn = true
    const page = await this.#ask('POST', url, body.toString())
    if (page.movedTo !== undefined && !this.#isOfSignIn(new URL(page.movedTo, url))) return undefined
    this.#isSignedIn = false
    if (page.movedTo !== undefined) return 'it asks for a new password first'
    return messageIn(page.text) ?? 'it shows the sign-in page again'
  }

  /** A page of the dashboard: `identity/users/`; `undefined` if it asks to sign in again. */
  async page(path: string): Promise<Page | undefined> {
    const url = this.#at(path)
    const page = await this.#ask('GET', url)
    return page.movedTo !== undefined && this.#isOfSignIn(new URL(page.movedTo, url)) ? undefined : page
  }

  /** Ends the session, with its tokens, also after what ended the visit. Never throws: a session that is not ended ends by itself. */
  async signOut(): Promise<void> {
    if (!this.#isSignedIn) return
    this.#isSignedIn = false
    const url = this.#at('auth/logout/')
    const alone = { deadlineMs: 5_000, signal: undefined }
    try {
      await this.#ask('GET', url, undefined, alone)
    } catch (error) {
      // Django 5 wants a form for it
      if (!(error instanceof CloudError) || error.status !== 405) return
      const form = new URLSearchParams({ csrfmiddlewaretoken: this.#form?.reveal() ?? '' })
      await this.#ask('POST', url, form.toString(), alone).catch(() => undefined)
    }
  }

  #readForm(url: URL, page: Page): SignInForm | undefined {
    if (this.#form === undefined || !url.pathname.endsWith(loginPath) || fieldOf(page.text, 'password') === undefined)
      return undefined
    this.#root = new URL(url.pathname.slice(0, -loginPath.length), url)
    const domain = choicesOf(page.text, 'domain')
    const regions = choicesOf(page.text, 'region')
    return {
      domain: domain ?? (fieldOf(page.text, 'domain') === undefined ? 'none' : 'text'),
      region: regions?.[0] ?? attributeOf(fieldOf(page.text, 'region') ?? '', 'value'),
    }
  }

  #isOfSignIn({ pathname }: URL): boolean {
    return pathname.startsWith(this.#at('auth/').pathname)
  }

  #at(path: string): URL {
    return new URL(path, this.#root)
  }

  #error(url: URL, reason: string): CloudError {
    return new CloudError({ kind: 'malformed', service, method: 'GET', path: url.pathname, reason: printable(reason) })
  }

  async #ask(
    method: 'GET' | 'POST',
    url: URL,
    body?: string,
    limits: Pick<HorizonOptions, 'deadlineMs' | 'signal'> = this.#options,
  ): Promise<Page> {
    const { fetch, startTimer } = this.#options
    const { deadlineMs = 60_000, signal } = limits
    const answer = await exchange(fetch, {
      ...{ service, url: url.href, method, deadlineMs, startTimer, signal, bodyLimit: 4 * 2 ** 20, isPage: true },
      headers: {
        Accept: 'text/html',
        // so that what it says of a refusal is in the language of this program
        'Accept-Language': 'en',
        ...(this.#cookies.size === 0 ? {} : { Cookie: this.#cookieHeader() }),
        // Django wants it with TLS: django/middleware/csrf.py, CsrfViewMiddleware._check_referer
        ...(body === undefined ? {} : { Referer: url.href, 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
    })
    for (const [name, value] of answer.cookies ?? []) this.#cookies.set(name, value)
    const sent = answer.unmasked()
    const token =
      typeof sent === 'string' ? attributeOf(fieldOf(sent, 'csrfmiddlewaretoken') ?? '', 'value') : undefined
    if (token !== undefined) this.#form = new Secret(token)
    const movedTo = answer.headers.get('location')
    const isMoved = answer.status >= 300 && movedTo !== null
    return { text: typeof answer.body === 'string' ? answer.body : '', movedTo: isMoved ? movedTo : undefined }
  }

  #cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value.reveal()}`).join('; ')
  }
}

const service = 'dashboard'
const loginPath = 'auth/login/'
const mostMoves = 5

/** The tag of a form's field. */
function fieldOf(html: string, name: string): string | undefined {
  return [...html.matchAll(/<(?:input|select)\b[^>]*>/gi)]
    .map(([tag]) => tag)
    .find((tag) => attributeOf(tag, 'name') === name)
}

function attributeOf(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
}

/** The values of a list to choose from, the chosen one first; `undefined` if the field is no list. */
function choicesOf(html: string, name: string): readonly string[] | undefined {
  const list = [...html.matchAll(/(<select\b[^>]*>)([^]*?)<\/select>/gi)].find(
    ([, tag = '']) => attributeOf(tag, 'name') === name,
  )
  if (list === undefined) return undefined
  const options = [...(list[2] ?? '').matchAll(/<option\b[^>]*>/gi)].map(([tag]) => tag)
  const chosenFirst = options.toSorted((a, b) => Number(/\sselected/i.test(b)) - Number(/\sselected/i.test(a)))
  return chosenFirst.flatMap((tag) => attributeOf(tag, 'value') ?? [])
}

/** What a form says above its fields: templates/auth/_login_form.html. */
function messageIn(html: string): string | undefined {
  const boxes = [...html.matchAll(/<div class="alert alert-danger">([^]*?)<\/div>/gi)]
  const words = boxes
    .map(([, box = '']) =>
      box
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .join(' ')
  return words === '' ? undefined : printable(words, 200)
}
