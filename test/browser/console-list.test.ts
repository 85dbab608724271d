import { join } from 'node:path'
import type { Browser, CDPSession } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEvidence } from '../../src/tenant/evidence.ts'
import { homeOf } from '../../src/tenant/home.ts'
import { keepTenant } from '../console/desk.ts'
import { gateEntry, wholeTenant } from '../console/entries.ts'
import { launch } from './chromium.ts'
import { openConsole, remove, scratch } from './console-test-bed.ts'
import type { ConsoleTestBed } from './console-test-bed.ts'

/* A thousand tenants. */

const count = 1000
const steps = 240
let browser: Browser
let folder: string
let root: string
let bed: ConsoleTestBed

beforeAll(async () => {
  browser = await launch()
  folder = await scratch()
  root = join(folder, 'home')
  const names = Array.from({ length: count }, (_, at) => `tenant-${String(at).padStart(4, '0')}`)
  for (let from = 0; from < count; from += 50) {
    await Promise.all(
      names.slice(from, from + 50).map((name, at) => {
        const entries = (from + at) % 10 === 3 ? wholeTenant.slice(0, 4) : wholeTenant
        return keepTenant(root, (from + at) % 2 === 0 ? 'east' : 'west', name, entries)
      }),
    )
  }
  bed = await openConsole(browser, root)
})

afterAll(async () => {
  await bed.stop()
  await browser.close()
  await remove(folder)
})

test('all are there, few are drawn, and the list scrolls as fast as the screen', async () => {
  const page = await bed.page('/')
  await page.getByText(`${count} tenants`).waitFor()
  const rows = page.locator('.tenants-row')
  expect(await rows.count()).toBeLessThan(60)
  expect(await page.getByRole('table', { name: 'Tenants' }).getAttribute('aria-rowcount')).toBe('1001')
  const debug = await bed.context.newCDPSession(page)
  // in time on the processor, since others use this machine too
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' })
  const before = await busySeconds(debug)
  await page.evaluate(`new Promise((resolve) => {
    const height = document.documentElement.scrollHeight
    const step = (at) => {
      window.scrollTo(0, (height * at) / ${steps})
      if (at < ${steps}) requestAnimationFrame(() => step(at + 1))
      else resolve()
    }
    step(0)
  })`)
  const milliseconds = (1000 * ((await busySeconds(debug)) - before)) / steps
  // a frame of 60 a second lasts 16.7 ms; each of these steps moves by four rows, as in a fast flick
  expect(milliseconds).toBeLessThan(16.7)
  expect(await rows.count()).toBeLessThan(60)
  await page.getByRole('link', { name: 'tenant-0999' }).waitFor()
  expect(bed.complaints).toEqual([])
})

test('search, cloud and state narrow the list, and the counts follow', async () => {
  const page = await bed.page('/')
  await page.getByText(`${count} tenants`).waitFor()
  await page.getByLabel('Search').fill('tenant-01')
  await page.getByText('100 of 1000 tenants').waitFor()
  await page.getByRole('button', { name: 'unfinished' }).click()
  await page.getByText('10 of 1000 tenants').waitFor()
  expect(await page.locator('.tenants-row').count()).toBe(10)
  await page.getByLabel('Cloud').selectOption('east')
  await page.getByText('No tenant matches').waitFor()
  await page.getByLabel('Cloud').selectOption('')
  await page.getByLabel('Search').fill('')
  await page.getByText('100 of 1000 tenants').waitFor()
  await page.getByRole('button', { name: 'unfinished' }).click()
  await page.getByText(`${count} tenants`).waitFor()
})

test('one that changes among a thousand is told at once, and the place in the list is kept', async () => {
  const page = await bed.page('/')
  await page.getByText(`${count} tenants`).waitFor()
  await page.evaluate('window.scrollTo(0, 20000)')
  const row = page.getByRole('row', { name: /tenant-0390/ })
  await row.waitFor()
  const before = await page.evaluate('window.scrollY')
  const evidence = await openEvidence(homeOf(root, 'east', 'tenant-0390').evidence, () => new Date())
  await evidence.append(gateEntry('network', { ok: false }))
  await page.getByRole('row', { name: /tenant-0390.*failed/ }).waitFor()
  expect(await page.evaluate('window.scrollY')).toBe(before)
})

test('the keyboard alone goes from the search to a tenant and back', async () => {
  const page = await bed.page('/')
  await page.getByText(`${count} tenants`).waitFor()
  await page.keyboard.press('Tab')
  await page.getByRole('link', { name: 'To the page' }).waitFor()
  await page.getByLabel('Search').focus()
  await page.keyboard.type('tenant-0042')
  await page.getByText('1 of 1000 tenants').waitFor()
  const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent')
  for (let tabs = 0; tabs < 20 && (await focused()) !== 'tenant-0042'; tabs++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const head = page.getByRole('heading', { level: 1, name: 'tenant-0042' })
  await head.waitFor()
  expect(await focused()).toBe('tenant-0042')
  expect(await page.title()).toBe('tenant-0042 - tenant-onboard')
  await page.goBack()
  await page.getByText('1 of 1000 tenants').waitFor()
})

/** What the page's own thread has spent on scripts, styles and layout. */
async function busySeconds(debug: CDPSession): Promise<number> {
  const { metrics } = await debug.send('Performance.getMetrics')
  const wanted = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration']
  return metrics.filter(({ name }) => wanted.includes(name)).reduce((sum, { value }) => sum + value, 0)
}
