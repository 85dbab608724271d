import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './built.ts'
import { launch, seriousFindings } from './chromium.ts'
import { applyToTheEnd, openConsole, openSlowCloud, remove, scratch } from './console-test-bed.ts'
import type { ConsoleTestBed, SlowCloud } from './console-test-bed.ts'
import { fleetState } from './fleet-state.ts'

/* Every page over what real commands left after an apply on the simulator. */

let browser: Browser
let folder: string
let root: string
let slow: SlowCloud
let bed: ConsoleTestBed

beforeAll(async () => {
  browser = await launch()
  folder = await scratch()
  root = join(folder, 'home')
  await mkdir(root)
  slow = await openSlowCloud()
  const file = await applyToTheEnd(root, 'acme', slow)
  const audited = await run(['audit', file, '--record', '--home', root], { HOME: folder, ...slow.env })
  expect(audited.code).toBe(0)
  await mkdir(join(root, '_fleet'), { mode: 0o700 })
  await writeFile(join(root, '_fleet', 'tenants-1.json'), JSON.stringify(fleetState), { mode: 0o600 })
  bed = await openConsole(browser, root)
})

afterAll(async () => {
  await bed.stop()
  await slow.close()
  await browser.close()
  await remove(folder)
})

test('a tenant shows what each gate read, by whom, and where to find the request', async () => {
  const page = await bed.page('/tenants/sim/acme')
  await page.locator('.stage', { hasText: '6 network' }).click()
  const detail = page.getByRole('region', { name: 'Stage network' })
  const text = await detail.innerText()
  expect(text).toContain('router acme-router is ACTIVE')
  expect(text).toMatch(/read by automation; the tenant could too/)
  const id = (await detail.locator('.checks .request-ids a').first().innerText()).trim()
  expect(await readFile(join(root, 'sim', 'acme', 'evidence.jsonl'), 'utf8')).toContain(id)
  await detail.locator('.checks .request-ids a').first().click()
  await page.getByRole('heading', { level: 1, name: 'Evidence' }).waitFor()
  expect(await page.getByLabel('Request id, object or claim').inputValue()).toBe(id)
  const hit = page.locator('.hits > li').first()
  await hit.getByText('gate of network holds').waitFor()
  expect(await hit.innerText()).toContain(id)
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'acme' }).waitFor()
})

test('the evidence finds a request by its id and says so when there is none', async () => {
  const page = await bed.page('/evidence')
  const [, id = ''] =
    /"id":"(req-[0-9a-f-]{36})"/.exec(await readFile(join(root, 'sim', 'acme', 'evidence.jsonl'), 'utf8')) ?? []
  const field = page.getByLabel('Request id, object or claim')
  await field.fill(id.slice(4, 17))
  await page.keyboard.press('Enter')
  await page.locator('.requests', { hasText: id }).first().waitFor()
  await page.getByRole('link', { name: 'acme' }).first().waitFor()
  await field.fill('req-00000000')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByText('No evidence names req-00000000').waitFor()
  await field.fill('r')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByText('give at least three characters').waitFor()
})

test('the audit that was kept is shown with whom not to touch', async () => {
  const page = await bed.page('/audit')
  const audit = page.getByRole('region', { name: 'sim' })
  await audit.getByText('Every account holds its expected roles. Packets: not shown.').waitFor()
  expect(await audit.innerText()).toContain('acme-cluster keeps acme-cluster alive')
})

test('a fleet is shown by cloud, with what is at work and what needs attention', async () => {
  const page = await bed.page('/fleet')
  const fleet = page.getByRole('region', { name: fleetState.folder })
  await fleet.getByText('fleet apply is running').waitFor()
  const text = await fleet.innerText()
  expect(text).toContain('412 of 1000 tenants, 38.5 a minute, about 16 min left')
  expect(text).toContain('refused, 3 tenants')
  expect(await fleet.getByRole('row', { name: /^east/ }).innerText()).toMatch(/east\s+600\s+3\s+/)
  await writeFile(
    join(root, '_fleet', 'tenants-1.json'),
    JSON.stringify({ ...fleetState, ended: 413, updatedAt: '2026-05-04T10:11:00.000Z' }),
  )
  await fleet.getByText('413 of 1000 tenants').waitFor()
})

test('a cell of the access matrix opens the clauses of its rule', async () => {
  const page = await bed.page('/access')
  await page.getByLabel('Operations').fill('create_grant member to a user on')
  const own = page.getByRole('gridcell', { name: 'domain-manager, its own domain: allowed' }).first()
  await own.click()
  const why = page.getByRole('complementary', { name: 'Why' })
  await why.getByText('allowed', { exact: true }).waitFor()
  expect(await why.innerText()).toContain('PUT /v3/domains/acme/users/acme-alice/roles/')
  expect(await why.locator('.clause').count()).toBeGreaterThan(5)
  await page.getByRole('gridcell', { name: 'domain-manager, another domain: refused' }).first().click()
  await why.getByText('refused', { exact: true }).waitFor()
  // without the override the domain manager is nobody
  await page.getByLabel('On top').selectOption('none')
  await page.getByRole('gridcell', { name: 'domain-manager, its own domain: refused' }).first().waitFor()
})

test('the access matrix is walked by the keyboard', async () => {
  const page = await bed.page('/access')
  await page.getByRole('gridcell').first().waitFor()
  await page.getByRole('gridcell').first().focus()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key)
  // the focus follows a key when the page is drawn again
  const row = `Number(document.activeElement.parentElement.getAttribute('aria-rowindex'))`
  const column = `Number(document.activeElement.getAttribute('aria-colindex'))`
  await expect.poll(() => page.evaluate(`[${row}, ${column}]`)).toEqual([4, 3])
  await page.keyboard.press('End')
  await page.keyboard.press('PageDown')
  await page.keyboard.press('PageDown')
  await expect.poll(() => page.evaluate(row)).toBeGreaterThan(12)
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Why' }).locator('h2, p').first().waitFor()
  expect(await page.locator('[role=gridcell][tabindex="0"]').count()).toBe(1)
})

test('an override is linted, compared and proved while it is written', async () => {
  const page = await bed.page('/policy')
  const result = (name: string) => page.getByRole('region', { name })
  await result('Proof').getByText('all 12 claims proved').waitFor()
  await result('Lint').getByText('nothing found').waitFor()
  await result('Compared with the base')
    .getByText(/domain-manager gains/)
    .waitFor()
  await page.getByLabel('Override').fill('"identity:create_grant": "role:manager or rule:admin_requird"\n')
  await result('Lint').getByText('policy/undefined-rule').waitFor()
  await result('Proof').getByText('refuted').first().waitFor()
  expect(await result('Proof').locator('pre').first().innerText()).toMatch(/allowed: identity:create_grant/)
  await result('Lint')
    .getByRole('button', { name: /^line 1/ })
    .first()
    .click()
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA')
  await page.getByLabel('Override').fill('a: [\n')
  await result('Lint')
    .getByText(/override\.yaml:2:1/)
    .waitFor()
  await result('Proof').getByText('Lint says why.').waitFor()
  // what is here can be looked at as a matrix
  await page.getByLabel('Override').fill('"identity:list_users": "@"\n')
  await page.getByRole('link', { name: 'Show its access' }).click()
  await page.getByLabel('Operations').fill('list_users')
  await page.getByRole('gridcell', { name: 'reader, another domain: allowed' }).first().waitFor()
})

const pages: readonly { readonly path: string; readonly ready: (page: Page) => Promise<void> }[] = [
  { path: '/', ready: (page) => page.getByRole('link', { name: 'acme' }).waitFor() },
  { path: '/tenants/sim/acme', ready: (page) => page.getByText('the latest apply is done').waitFor() },
  { path: '/tenants/sim/nobody', ready: (page) => page.getByText('There is no such tenant here').waitFor() },
  {
    path: '/access',
    ready: async (page) => {
      await page
        .getByRole('gridcell', { name: /another domain: refused/ })
        .first()
        .click()
      await page.getByText('Clause by clause').waitFor()
    },
  },
  { path: '/policy', ready: (page) => page.getByText('all 12 claims proved').waitFor() },
  {
    path: '/audit',
    ready: (page) => page.getByText('Every account holds its expected roles. Packets: not shown.').waitFor(),
  },
  { path: '/evidence?q=router', ready: (page) => page.getByText('create router acme-router').waitFor() },
  { path: '/fleet', ready: (page) => page.getByText('What needs attention').waitFor() },
]

test.each([
  { look: 'by day', options: { colorScheme: 'light' } },
  { look: 'by night, narrow', options: { colorScheme: 'dark', viewport: { width: 390, height: 844 } } },
] as const)('axe finds nothing serious on any page $look', async ({ options }) => {
  for (const { path, ready } of pages) {
    const page = await bed.page(path, options)
    await ready(page)
    expect({ path, findings: await seriousFindings(page) }).toEqual({ path, findings: [] })
    // nothing but what scrolls in its own box is wider than the screen
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    await page.close()
  }
})

test('the page that turns people away is as accessible', async () => {
  const other = await browser.newContext()
  const page = await other.newPage()
  await page.goto(bed.origin)
  expect(await seriousFindings(page)).toEqual([])
  await other.close()
})
