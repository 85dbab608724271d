import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { endOf } from './built.ts'
import { launch } from './chromium.ts'
import { apply, openConsole, openSlowCloud, remove, scratch, tenantFile } from './console-test-bed.ts'
import type { ConsoleTestBed, SlowCloud } from './console-test-bed.ts'

/* An apply in one process, the console in another, a page that looks on. */

let browser: Browser
let folder: string
let bed: ConsoleTestBed
let slow: SlowCloud

beforeAll(async () => {
  browser = await launch()
})

afterAll(() => browser.close())

beforeEach(async () => {
  folder = await scratch()
  const root = join(folder, 'home')
  await mkdir(root)
  slow = await openSlowCloud()
  bed = await openConsole(browser, root)
})

afterEach(async () => {
  await bed.stop()
  await slow.close()
  await remove(folder)
})

function stage(page: Page, name: string) {
  return page.locator('.stage').filter({ has: page.locator('.stage-name', { hasText: name }) })
}

test('a run is followed from its first step to its last, and nothing on the page jumps', async () => {
  const list = await bed.page('/')
  await list.getByText('There is no tenant here yet').waitFor()
  const release = slow.hold('POST', /\/v2\.0\/routers$/)
  const program = apply(bed.root, await tenantFile(bed.root, 'acme'), slow.env)
  await list.getByRole('row', { name: /acme.*apply: network/ }).waitFor()

  await list.getByRole('link', { name: 'acme' }).click()
  const page = list
  await page.getByRole('heading', { level: 1, name: 'acme' }).waitFor()
  await page.getByText('apply is running').waitFor()
  await expect.poll(() => stage(page, 'network').innerText()).toContain('create router acme-router')
  expect(await stage(page, 'network').innerText()).toContain('running')
  expect(await stage(page, 'self-service').innerText()).toContain('done')
  expect(await stage(page, 'template').innerText()).toContain('waits for network')
  // the detail follows what is at work by itself
  const steps = page.locator('.stage-detail .steps > li')
  expect(await steps.filter({ hasText: 'acme-router' }).first().innerText()).toContain('as automation')
  expect(await steps.filter({ hasText: 'create interface' }).innerText()).toMatch(/waits for .*router acme-router/)
  expect(await page.getByRole('progressbar', { name: 'Steps done' }).getAttribute('value')).toMatch(/^1\d$/)

  await page.evaluate(`
    window.shifts = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts.push(entry.value)
    }).observe({ type: 'layout-shift' })
  `)
  // a person who has chosen a stage keeps it
  await stage(page, 'network').click()
  release()
  await page.getByText('the latest apply is done').waitFor()
  expect(await endOf(program)).toBe(0)
  await expect
    .poll(() => page.locator('.stage-word').allInnerTexts())
    .toEqual(Array.from({ length: 8 }, () => 'validated'))
  expect(await page.getByRole('region', { name: 'Stage network' }).innerText()).toContain('router acme-router')
  const shifts = await page.evaluate<readonly number[]>('window.shifts')
  expect(shifts.reduce((sum, one) => sum + one, 0)).toBeLessThan(0.05)

  await page.getByRole('link', { name: 'All tenants' }).click()
  await page.getByRole('row', { name: /acme.*validated/ }).waitFor()
  expect(bed.complaints).toEqual([])
})

test('a run that is killed is shown as interrupted, and the next one as a run', async () => {
  const release = slow.hold('POST', /\/v2\.0\/routers$/)
  const file = await tenantFile(bed.root, 'acme')
  const program = apply(bed.root, file, slow.env)
  const page = await bed.page('/')
  await page.getByRole('row', { name: /acme.*apply: network/ }).waitFor()
  program.kill('SIGKILL')
  await page.getByRole('row', { name: /acme.*interrupted/ }).waitFor()
  await page.getByRole('link', { name: 'acme' }).click()
  await page.getByText('the latest apply was interrupted').waitFor()
  expect(await stage(page, 'network').innerText()).toContain('interrupted here')
  release()
  const again = apply(bed.root, file, slow.env)
  await page.getByText('the latest apply is done').waitFor()
  expect(await endOf(again)).toBe(0)
})

test('a console that ends says so, and the page keeps what it showed', async () => {
  await mkdir(join(bed.root, 'sim', 'acme'), { recursive: true })
  const page = await bed.page('/tenants/sim/acme')
  await page.getByText('No command works on this tenant').waitFor()
  await bed.end()
  await page.getByText('No answer from the console').waitFor()
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('acme')
})
