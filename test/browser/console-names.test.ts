import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordAudit } from '../../src/audit/recorded.ts'
import { keepTenant } from '../console/desk.ts'
import { gateEntry } from '../console/entries.ts'
import { launch } from './chromium.ts'
import { openConsole, remove, scratch } from './console-test-bed.ts'
import type { ConsoleTestBed } from './console-test-bed.ts'

/* Names come from clouds and from other people: whatever they are, they are shown and never run. */

const attack = `<img src=x onerror="window.struck = 1"><script>window.struck = 1</script>\u202etnanet\u2066`
/** What would reorder it is shown by its code. */
const asShown = attack.replace('\u202e', '\\u{202e}').replace('\u2066', '\\u{2066}')
const folderAttack = `<img src=x onerror=window.struck=1>`

let browser: Browser
let folder: string
let bed: ConsoleTestBed

beforeAll(async () => {
  browser = await launch()
  folder = await scratch()
  const root = join(folder, 'home')
  await keepTenant(root, folderAttack, folderAttack)
  const check = {
    claim: `router ${attack} is ACTIVE`,
    ok: false,
    value: { name: attack },
    requestIds: [`req-${attack}`],
  }
  await keepTenant(root, 'prod', 'acme', [
    {
      kind: 'made',
      step: 'network/router',
      actor: 'automation',
      action: 'create',
      object: { kind: 'router', name: attack, id: attack },
      requestIds: ['javascript:window.struck=1'],
    },
    gateEntry('network', {
      ok: false,
      checks: [{ ...check, actor: 'automation', reach: 'tenant could' }],
      findings: [
        { code: 'plan/conflict', severity: 'error', where: attack, message: attack, remedy: attack, owner: 'operator' },
      ],
    }),
    { kind: 'note', text: attack },
  ])
  await recordAudit(root, {
    cloud: 'prod',
    at: '2026-05-04T10:00:00.000Z',
    findings: [{ code: 'audit/extra-role', severity: 'error', where: attack, message: attack, owner: 'operator' }],
    dependences: [{ user: { id: 'u1', name: attack }, clusters: [attack] }],
    counted: { tenants: 1, users: 1, owners: 1, assignments: 1, credentials: 1, rows: [] },
  })
  bed = await openConsole(browser, root)
})

afterAll(async () => {
  await bed.stop()
  await browser.close()
  await remove(folder)
})

test.each([
  { page: 'the list', path: '/', shown: folderAttack },
  {
    page: 'a tenant',
    path: `/tenants/${encodeURIComponent(folderAttack)}/${encodeURIComponent(folderAttack)}`,
    shown: folderAttack,
  },
  { page: 'its stages', path: '/tenants/prod/acme', shown: asShown },
  { page: 'the audit', path: '/audit', shown: asShown },
  { page: 'the evidence', path: '/evidence?q=network', shown: asShown },
  { page: 'a search', path: `/evidence?q=${encodeURIComponent(attack)}`, shown: asShown },
  { page: 'an address that nobody has', path: `/${encodeURIComponent(attack)}`, shown: 'No such page' },
])('$page shows a hostile name as it is', async ({ path, shown }) => {
  const page = await bed.page(path)
  await page.getByText(shown).filter({ visible: true }).first().waitFor()
  expect(await page.evaluate('window.struck')).toBeUndefined()
  expect(await page.locator('main img, main script').count()).toBe(0)
  expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
  expect(await page.evaluate<string>('document.body.innerText')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  expect(bed.complaints).toEqual([])
  await page.close()
})

test('markup that did get in would not run', async () => {
  const page = await bed.page('/')
  await page.getByRole('heading', { name: 'Tenants' }).waitFor()
  const before = bed.complaints.length
  await page.evaluate(`document.querySelector('main').innerHTML = ${JSON.stringify(attack)}`)
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('script'), { text: 'window.struck = 1' }))`,
  )
  await expect.poll(() => bed.complaints.slice(before).join('\n')).toContain('Content Security Policy')
  expect(await page.evaluate('window.struck')).toBeUndefined()
})
