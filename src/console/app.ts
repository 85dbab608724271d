import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { isAsTheTableSays } from '../audit/verdict.ts'
import { readRecordedAudit } from '../audit/recorded.ts'
import { InputError } from '../errors.ts'
import { findingViews } from '../report/view/finding.ts'
import type { Access } from './access.ts'
import type { Assets } from './assets.ts'
import { page, refusal } from './document.ts'
import { findHome, folders } from './homes.ts'
import { Ledger } from './ledger.ts'
import type { AuditView } from './model.ts'
import { searchEvidence } from './search.ts'
import { streamFleets, streamRows, streamTenant, usualPace } from './streams.ts'
import type { Pace } from './streams.ts'

export type ConsoleOptions = {
  /** The data directory. */
  readonly root: string
  readonly assets: Assets
  readonly access: Access
  readonly stop: AbortSignal
  readonly pace?: Pace
}

/** The console as a function of requests. It reads files below the root, and it has no code that writes. */
export function createConsole(options: ConsoleOptions): Hono {
  const { root, assets, access, stop, pace = usualPace } = options
  const ledger = new Ledger(root)
  const app = new Hono()
  app.use(headers)
  app.use(access.guard)

  // the code of the pages is no secret, and the page that refuses access needs its style
  app.get('/assets/:name', (context) => {
    const asset = assets.get(context.req.param('name'))
    if (asset === undefined) return context.notFound()
    return context.body(asset.body, 200, { 'Content-Type': asset.type, 'Cache-Control': 'no-cache' })
  })
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store')
    const token = context.req.path === '/' ? context.req.query('token') : undefined
    // the address bar keeps the address without the token
    if (token !== undefined && (access.isInside(context) || access.enter(context, token))) {
      return context.redirect('/', 303)
    }
    if (access.isInside(context)) {
      await next()
      return undefined
    }
    if (context.req.path.startsWith('/api/')) return context.json({ error: 'not signed in' }, 401)
    return context.html(refusal, 401)
  })

  app.get('/api/tenants', (context) => streamRows(context, ledger, pace, stop))
  app.get('/api/tenants/:cloud/:tenant', async (context) => {
    const { cloud, tenant } = context.req.param()
    const home = await findHome(root, cloud, tenant)
    if (home === undefined) return context.json({ error: 'there is no such tenant here' }, 404)
    return streamTenant(context, home, pace, stop)
  })
  app.get('/api/fleets', (context) => streamFleets(context, root, pace, stop))
  app.get('/api/evidence', async (context) => {
    const text = (context.req.query('q') ?? '').trim()
    if (text.length < 3) return context.json({ error: 'give at least three characters' }, 400)
    return context.json(await searchEvidence({ root, ledger, signal: context.req.raw.signal }, text))
  })
  app.get('/api/audits', async (context) => {
    const clouds = await folders(root)
    return context.json(await Promise.all(clouds.map((cloud) => auditOf(root, cloud))))
  })
  app.get('/api/*', (context) => context.json({ error: 'there is nothing here' }, 404))
  app.get('*', (context) => context.html(page))
  return app
}

const self = ["'self'"]
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: self,
    styleSrc: self,
    imgSrc: self,
    connectSrc: self,
    workerSrc: self,
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // loopback has no TLS that this could refer to
  strictTransportSecurity: false,
})

async function auditOf(root: string, cloud: string): Promise<AuditView> {
  try {
    const audit = await readRecordedAudit(root, cloud)
    return audit === undefined
      ? { cloud }
      : {
          cloud,
          audit: { ...audit, findings: findingViews(audit.findings), isAsExpected: isAsTheTableSays(audit) },
        }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { cloud, problem: error.message }
  }
}
