/** A person at the lab's Horizon, in the browser of test/browser. What it says and shows is what the stories of dashboard.test.ts expect. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { launch } from '../browser/chromium.ts'
import type { Account } from './ask.ts'

export type Person = {
  readonly page: Page
  /** Answers of 400 and more, and errors of scripts, since the last `go`. */
  readonly faults: readonly string[]
  readonly go: (path: string) => Promise<void>
  readonly signIn: (account: Account) => Promise<void>
  /** What the page says in its boxes: `Success: ...`, `Error: ...`. */
  readonly said: () => Promise<string>
  /** The red ones. */
  readonly errors: () => Promise<readonly string[]>
  readonly rows: () => Promise<readonly string[]>
  readonly menu: () => Promise<string>
  readonly text: () => Promise<string>
  /** Fills fields by their ids without `id_`, chooses in lists by the words that they show, and sends the form. */
  readonly fillIn: (fields: Readonly<Record<string, string>>) => Promise<void>
  readonly submit: () => Promise<void>
  readonly idOf: (name: string) => Promise<string>
  /** An action of a row's menu, confirmed. */
  readonly act: (name: string, action: string) => Promise<void>
  /** Opens a tab of a page of details. */
  readonly openTab: (name: string) => Promise<void>
  /** Opens the dialog of this button, which scripts fill. */
  readonly openWizard: (name: string) => Promise<Locator>
  /** Kept where `SHOTS` names a folder. */
  readonly shoot: (name: string) => Promise<void>
  readonly leave: () => Promise<void>
}

/** Busy machines answer slowly: a page asks several services. */
const patience = 45_000

export async function openDashboard(address: string): Promise<Person> {
  const browser = await launch()
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  page.setDefaultTimeout(patience)
  const faults: string[] = []
  page.on('response', (answer) => {
    const url = answer.url().replace(address, '')
    if (answer.status() >= 400 && !url.includes('favicon'))
      faults.push(`${answer.status()} ${answer.request().method()} ${url}`)
  })
  page.on('pageerror', (error) => faults.push(`script: ${error.message.slice(0, 200)}`))

  /** A page is done when neither it nor its scripts load any longer. */
  const settle = async (): Promise<void> => {
    await page.waitForLoadState('load')
    await page.waitForLoadState('networkidle')
  }
  const boxes = async (selector: string): Promise<readonly string[]> => {
    const texts = await page.locator(selector).allInnerTexts()
    return texts.map((text) => text.replace(/\s+/g, ' ').replace('\u00d7', '').trim()).filter((text) => text !== '')
  }
  const submit = async (): Promise<void> => {
    await page.locator('form input[type=submit], form button[type=submit]').last().click()
    await settle()
  }
  const person: Person = {
    page,
    faults,
    submit,
    async go(path) {
      faults.length = 0
      await page.goto(`${address}${path}`, { waitUntil: 'load' })
      await settle()
    },
    async signIn({ domain, name, password }) {
      await person.go('auth/login/')
      await page.fill('#id_domain', domain)
      await page.fill('#id_username', name)
      await page.fill('#id_password', password)
      await page.click('#loginBtn')
      await settle()
    },
    said: async () =>
      (await boxes('.messages .alert, .toast, .alert-danger, .alert-success, .errorlist, .has-error .help-block')).join(
        ' | ',
      ),
    errors: () => boxes('.messages .alert-danger, .toast .alert-danger, .alert-danger:not(.javascript-disabled)'),
    rows: () => boxes('table tbody tr'),
    menu: async () => (await page.locator('#sidebar-accordion').first().textContent())?.replace(/\s+/g, ' ') ?? '',
    text: async () => (await page.locator('#content_body').first().innerText()).replace(/\s+/g, ' '),
    async fillIn(fields) {
      for (const [id, value] of Object.entries(fields)) {
        if ((await page.locator(`select#id_${id}`).count()) > 0) await choose(page, `id_${id}`, value)
        else await page.locator(`#id_${id}`).fill(value)
      }
      await submit()
    },
    async idOf(name) {
      const row = page.locator('table tbody tr', { hasText: name }).first()
      const id = await row.getAttribute('data-object-id')
      if (id === null) throw new Error(`no row \`${name}\` in ${(await person.rows()).join('; ')}`)
      return id
    },
    async act(name, action) {
      const row = page.locator('table tbody tr', { hasText: name }).first()
      await row.locator('a.dropdown-toggle, button.dropdown-toggle').click()
      await row.getByRole('button', { name: action }).click()
      // some actions ask first, and a dialog slides in
      const confirmation = page.locator('.modal-dialog a.btn-primary, .modal-dialog .btn-danger').last()
      await confirmation.click({ timeout: 5000 }).catch(() => undefined)
      await settle()
    },
    async openTab(name) {
      await page.locator('.nav-tabs a', { hasText: name }).click()
      await settle()
    },
    async openWizard(name) {
      await page.getByRole('button', { name }).first().click()
      // not the one that says it is loading
      const dialog = page.locator('.modal-dialog', { hasText: 'Create' }).last()
      await dialog.waitFor()
      return dialog
    },
    async shoot(name) {
      const folder = process.env['SHOTS']
      if (folder === undefined) return
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}.png`) })
    },
    leave: () => browser.close(),
  }
  return person
}

/** Lists are hidden behind buttons of the theme, so a script sets them. */
async function choose(page: Page, id: string, words: string): Promise<void> {
  await page.evaluate(`(() => {
    const [id, words] = ${JSON.stringify([id, words])}
    const list = document.getElementById(id)
    list.value = [...list.options].find((option) => option.textContent.trim() === words).value
    list.dispatchEvent(new Event('change', { bubbles: true }))
  })()`)
}

/** Chooses a row of the list of accounts that are no members of a group yet, and adds it. */
export async function addRow(person: Person, name: string): Promise<void> {
  await person.page.evaluate(`(() => {
    const row = [...document.querySelectorAll('table tbody tr')].find((one) => one.textContent.includes(${JSON.stringify(name)}))
    row.querySelector('input[type=checkbox]').click()
    const button = [...document.querySelectorAll('.table_actions button')].find((one) => one.textContent.includes('Add'))
    button.disabled = false
    button.click()
  })()`)
}

/** Gives a user one more role on a project, on the page of its members: hidden lists, one for each role, hold what is sent. */
export async function grantOnPage(person: Person, project: string, user: string, role: string): Promise<void> {
  await person.go(`identity/${project}/update/?step=update_members`)
  await person.page.evaluate(`(() => {
    const [user, role] = ${JSON.stringify([user, role])}
    const label = [...document.querySelectorAll('label[for]')].find((one) => one.textContent.trim() === role)
    const list = document.getElementById(label.getAttribute('for'))
    ;[...list.options].find((option) => option.textContent.trim() === user).selected = true
  })()`)
  await person.submit()
}
