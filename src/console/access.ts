import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/**
 * Access control. The console listens on loopback, where every program and every page in every browser of this machine
 * can reach it. So a request must use one of our addresses (no DNS name that points here), come from our own pages or
 * from no page, and carry what only the person at the terminal got (docs/decisions/0096).
 */
export type Access = {
  /** Opens the console once; printed at the terminal. */
  readonly token: string
  /** Refuses requests that do not come from our own pages. */
  readonly guard: MiddlewareHandler
  /** Spends the token: from now on a cookie identifies this browser. `false` if the token is wrong or spent. */
  readonly enter: (context: Context, token: string) => boolean
  readonly isInside: (context: Context) => boolean
}

/** `hosts`: as a browser writes them, `127.0.0.1:4711`. Only known once the port is. */
export function createAccess(hosts: () => readonly string[]): Access {
  const token = randomBytes(32).toString('base64url')
  const session = randomBytes(32).toString('base64url')
  let isSpent = false
  // cookies do not distinguish ports, and two consoles may run at once
  const cookieOf = (context: Context): string => `console-${(context.req.header('host') ?? '').replace(/^.*:/, '')}`
  return {
    token,
    async guard(context, next) {
      const host = context.req.header('host') ?? ''
      if (!hosts().includes(host)) return context.text('this is not an address of the console\n', 421)
      if (!['GET', 'HEAD'].includes(context.req.method)) {
        return context.text('the console is read-only\n', 405, { Allow: 'GET, HEAD' })
      }
      if (isForeign(context, `http://${host}`)) return context.text('this page may not use the console\n', 403)
      await next()
      return undefined
    },
    enter(context, given) {
      if (isSpent || !isSame(given, token)) return false
      isSpent = true
      setCookie(context, cookieOf(context), session, { httpOnly: true, sameSite: 'Strict', path: '/' })
      return true
    },
    isInside: (context) => isSame(getCookie(context, cookieOf(context)) ?? '', session),
  }
}

/**
 * For a cookie, another port of this host is the same site, but it is another origin. A person may follow a link to a
 * page from anywhere; background requests must come from our own pages.
 */
function isForeign({ req }: Context, ours: string): boolean {
  const origin = req.header('origin')
  if (origin !== undefined && origin !== ours) return true
  const site = req.header('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(req.header('sec-fetch-mode') === 'navigate' && req.header('sec-fetch-dest') === 'document')
}

/** In constant time, so that the duration does not reveal how much of it is right. */
function isSame(given: string, secret: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(secret))
}
