import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepTenant } from '../console/desk.ts'
import { wholeTenant } from '../console/entries.ts'
import { launch } from './chromium.ts'
import { openConsole, remove, scratch } from './console-test-bed.ts'
import type { ConsoleTestBed } from './console-test-bed.ts'

/* The door, as a real browser keeps it. */

let browser: Browser
let folder: string
let bed: ConsoleTestBed

beforeAll(async () => {
  browser = await launch()
  folder = await scratch()
  await keepTenant(join(folder, 'home'), 'prod', 'acme', wholeTenant)
  bed = await openConsole(browser, join(folder, 'home'))
})

afterAll(async () => {
  await bed.stop()
  await browser.close()
  await remove(folder)
})

test('the browser that opened the link is in, and its link is spent for every other', async () => {
  const mine = await bed.page('/')
  await mine.getByRole('link', { name: 'acme' }).waitFor()
  expect(mine.url()).toBe(`${bed.origin}/`)
  const other = await browser.newContext()
  const page = await other.newPage()
  for (const address of [bed.link, `${bed.origin}/`, `${bed.origin}/tenants/prod/acme`]) {
    expect((await page.goto(address))?.status()).toBe(401)
    await page.getByRole('heading', { name: 'This browser is not signed in' }).waitFor()
    expect(await page.content()).not.toContain('acme')
  }
  await other.close()
})

test('no script reads the cookie', async () => {
  const page = await bed.page('/')
  await page.getByRole('link', { name: 'acme' }).waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  expect(await bed.context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
})

test('a page on another port of this host, with the cookie in its browser, gets nothing', async () => {
  const { server, origin } = await serveForeign()
  const page = await bed.context.newPage()
  await page.goto(origin)
  // the same request that the page of the console may send
  const ask = `fetch('${bed.origin}/api/audits', { credentials: 'include' }).then((answer) => answer.text(), (error) => 'refused: ' + error.name)`
  expect(await page.evaluate(ask)).toBe('refused: TypeError')
  const blind = `fetch('${bed.origin}/api/audits', { credentials: 'include', mode: 'no-cors' }).then(({ type }) => type, (error) => error.name)`
  expect(['opaque', 'TypeError']).toContain(await page.evaluate(blind))
  const framed = `new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.src = '${bed.origin}/'
    frame.onload = () => { try { resolve(frame.contentDocument.title) } catch (error) { resolve('refused: ' + error.name) } }
    document.body.append(frame)
  })`
  expect(await page.evaluate(framed)).not.toContain('Tenants')
  const own = await bed.page('/')
  expect(await own.evaluate(ask)).toContain('"cloud":"prod"')
  await page.close()
  server.close()
})

async function serveForeign(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>elsewhere</title><body>elsewhere</body>')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { server, origin: `http://127.0.0.1:${port}` }
}
