import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccess } from '../../src/console/access.ts'
import { createConsole } from '../../src/console/app.ts'
import type { Assets } from '../../src/console/assets.ts'
import { openEvidence } from '../../src/tenant/evidence.ts'
import type { Entry } from '../../src/tenant/evidence.ts'
import { homeOf, makeHome } from '../../src/tenant/home.ts'
import type { Home } from '../../src/tenant/home.ts'

/** A console over a root, asked without a port. */
export type Desk = {
  readonly token: string
  /** As a browser that has not been let in. */
  ask(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Response>
  /** As one that has. */
  askInside(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Response>
  close(): void
}

export const host = '127.0.0.1:4711'

const assets: Assets = new Map([
  ['main.js', { body: new TextEncoder().encode('// pages'), type: 'text/javascript; charset=utf-8' }],
])

/** `partMs`: by default a list is sent when it was read, also on a busy machine. */
export function openDesk(root: string, partMs = 60_000): Desk {
  const stop = new AbortController()
  const access = createAccess(() => [host, 'localhost:4711'])
  const pace = { listMs: 20, tenantMs: 20, beatMs: 1000, partMs }
  const app = createConsole({ root, assets, access, stop: stop.signal, pace })
  const ask: Desk['ask'] = async (path, headers = {}, method = 'GET') =>
    app.request(new Request(`http://${host}${path}`, { method, headers: { host, ...headers } }))
  let cookie: string | undefined
  return {
    token: access.token,
    ask,
    async askInside(path, headers = {}, method = 'GET') {
      cookie ??= cookieOf(await ask(`/?token=${access.token}`))
      return ask(path, { cookie, ...headers }, method)
    },
    close: () => {
      stop.abort()
    },
  }
}

export function cookieOf(answer: Response): string {
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

export async function scratchRoot(): Promise<{ readonly root: string; readonly remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'console-'))
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}

/** A data directory with a chain of evidence, as `apply` would have left it. */
export async function keepTenant(
  root: string,
  cloud: string,
  tenant: string,
  entries: readonly Entry[] = [],
): Promise<Home> {
  const home = homeOf(root, cloud, tenant)
  await makeHome(home)
  const evidence = await openEvidence(home.evidence, () => new Date('2026-05-04T10:00:00Z'))
  for (const entry of entries) await evidence.append(entry)
  return home
}

export type SentEvent = { readonly event: string; readonly data: unknown }

/** What a stream says, until nobody asks any more. */
export async function* eventsOf(answer: Response): AsyncGenerator<SentEvent, void, undefined> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += value
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const one of whole) {
        const [, event = ''] = /^event: (.*)$/m.exec(one) ?? []
        const [, data = 'null'] = /^data: (.*)$/m.exec(one) ?? []
        yield { event, data: JSON.parse(data) }
      }
    }
  } finally {
    await reader.cancel()
  }
}
