import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHostileTestBed } from '../report/hostile.ts'
import { openReportTestBed, policyOptions } from '../report/test-bed.ts'
import type { ReportTestBed } from '../report/test-bed.ts'
import { launch, seriousFindings } from './chromium.ts'

/* The report as its reader has it: a file, in a browser and on paper. */

let browser: Browser
let bed: ReportTestBed
let never: ReportTestBed

beforeAll(async () => {
  browser = await launch()
  bed = await openReportTestBed('verified')
  await bed.report('--out', 'report.html', ...(await policyOptions(bed)))
  never = await openReportTestBed('never run')
  await never.report('--out', 'report.html')
})

afterAll(async () => {
  await browser.close()
  await bed.remove()
  await never.remove()
})

type Opened = { readonly page: Page; readonly complaints: readonly string[]; readonly requests: readonly string[] }

async function open(of: ReportTestBed, options: BrowserContextOptions = {}, name = 'report.html'): Promise<Opened> {
  const page = await (await browser.newContext(options)).newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => void dialog.dismiss())
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(join(of.folder, name)).href)
  return { page, complaints, requests }
}

const narrow = { viewport: { width: 390, height: 844 } }

test('the answer is on the first screen, the page asks for nothing and breaks no rule of its own', async () => {
  const { page, complaints, requests } = await open(bed)
  const answer = page.locator('.verdict .answer')
  expect(await answer.innerText()).toContain('Yes: this tenant is isolated')
  const box = await answer.boundingBox()
  expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(page.viewportSize()?.height ?? 0)
  expect(requests).toHaveLength(1)
  expect(complaints).toEqual([])
  // the policy lets the one stylesheet through: it is in force
  expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")).toBe('32px')
})

test.each([
  ['wide', {}],
  ['narrow', narrow],
  ['dark', { colorScheme: 'dark' as const }],
])('%s: nothing that axe would call serious, with and without evidence', async (_, options) => {
  for (const of of [bed, never]) {
    const { page } = await open(of, options)
    expect(await seriousFindings(page)).toEqual([])
  }
})

test('on a narrow screen nothing but wide tables scrolls sideways, and the drawing stands upright', async () => {
  for (const of of [bed, never]) {
    const { page } = await open(of, narrow)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await expect.poll(() => page.locator('svg.drawing.down').first().isVisible()).toBe(true)
    expect(await page.locator('svg.drawing.across').first().isVisible()).toBe(false)
  }
})

test('dark is dark, and the same page in light is light', async () => {
  const brightness = async (colorScheme: 'dark' | 'light') => {
    const { page } = await open(bed, { colorScheme })
    const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    return Number(/\d+/.exec(color)?.[0])
  }
  expect(await brightness('dark')).toBeLessThan(60)
  expect(await brightness('light')).toBeGreaterThan(240)
})

test('a state is a word and a symbol, so that it is there without colours', async () => {
  const { page } = await open(bed)
  const badges = await page.evaluate<readonly (readonly [string, string | null])[]>(
    `[...document.querySelectorAll('.badge')].map((one) => [one.textContent.trim(), one.getAttribute('data-symbol')])`,
  )
  expect(badges.length).toBeGreaterThan(100)
  expect(badges.filter(([word, symbol]) => word === '' || symbol === null || symbol === '')).toEqual([])
  const cells = await page.locator('table.access td.tone').allInnerTexts()
  expect(cells.filter((text) => !/allowed|refused|seen|wrong|no verdict/.test(text))).toEqual([])
})

test('a number leads to its request', async () => {
  const { page } = await open(bed)
  const link = page.locator('#stage-network td.ids a').first()
  const target = await link.getAttribute('href')
  await link.click()
  const row = page.locator(target ?? '')
  expect(await row.innerText()).toMatch(/req-[0-9a-f-]{36}/)
  await expect.poll(async () => (await row.boundingBox())?.y ?? Infinity).toBeLessThan(page.viewportSize()?.height ?? 0)
})

test('on paper it is light whatever the screen is, with all of it on A4 pages', async () => {
  const { page } = await open(bed, { colorScheme: 'dark' })
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
  const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  const sizes = [...paper.matchAll(/\/MediaBox \[([^\]]+)\]/g)].map((match) => match[1])
  expect(sizes.length).toBeGreaterThan(5)
  expect(
    new Set(
      sizes.map((size) =>
        size
          ?.split(' ')
          .slice(2)
          .map((length) => Math.round(Number(length)))
          .join('x'),
      ),
    ),
  ).toEqual(new Set(['595x842']))
  // what scrolls on a screen is whole on paper
  await page.setViewportSize({ width: 680, height: 900 })
  const cut = await page.evaluate(
    `[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible').length`,
  )
  expect(cut).toBe(0)
})

test('names that want to be a script stay names', async () => {
  const bad = await openHostileTestBed()
  await bad.report('--out', 'report.html')
  const { page, complaints, requests } = await open(bad)
  expect(await page.title()).toMatch(/^Tenant acme on lab/)
  expect(await page.locator('script, img').count()).toBe(0)
  expect(await page.locator('#network').innerText()).toContain('network')
  expect(complaints).toEqual([])
  expect(requests).toHaveLength(1)
  // without our own policy in the way there is still nothing to run
  const file = join(bad.folder, 'bare.html')
  const text = await readFile(join(bad.folder, 'report.html'), 'utf8')
  await bad.write('bare.html', text.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''))
  const bare = await open(bad, {}, 'bare.html')
  expect(bare.complaints, file).toEqual([])
  expect(bare.requests).toHaveLength(1)
  await bad.remove()
})
