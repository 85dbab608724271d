import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import { exampleTenant, operatorOf } from '../onboarding/test-bed.ts'
import { endOf, run, start } from './built.ts'
import type { Program } from './built.ts'

/** A data directory, a console over it in a process of its own, and a browser that was let in. */
export type ConsoleTestBed = {
  /** Where tenants are kept. */
  readonly root: string
  /** As the console printed it; spent. */
  readonly link: string
  readonly origin: string
  readonly context: BrowserContext
  /** A page of the console, in the browser that was let in. */
  page(path: string, options?: BrowserContextOptions): Promise<Page>
  /** What pages complained of: errors that nobody caught, and breaches of their policy. */
  readonly complaints: readonly string[]
  /** Ends the console and leaves the browser where it is. */
  end(): Promise<void>
  stop(): Promise<void>
}

export async function openConsole(browser: Browser, root: string): Promise<ConsoleTestBed> {
  const program = start(['console', '--home', root, '-o', 'json'], {})
  const link = await linkOf(program)
  const complaints: string[] = []
  const context = await browser.newContext()
  const watch = (page: Page): void => {
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }
  context.on('page', watch)
  // well below the patience of a test, so that it is told what was waited for
  context.setDefaultTimeout(40_000)
  const first = await context.newPage()
  await first.goto(link)
  await first.close()
  const { origin } = new URL(link)
  const contexts: BrowserContext[] = [context]
  const end = async (): Promise<void> => {
    program.kill('SIGTERM')
    await endOf(program)
  }
  return {
    root,
    link,
    origin,
    context,
    complaints,
    async page(path, options) {
      let where = context
      if (options !== undefined) {
        where = await browser.newContext({ ...options, storageState: await context.storageState() })
        where.on('page', watch)
        where.setDefaultTimeout(40_000)
        contexts.push(where)
      }
      const page = await where.newPage()
      await page.goto(`${origin}${path}`)
      return page
    },
    end,
    async stop() {
      await Promise.all(contexts.map((one) => one.close()))
      await end()
    },
  }
}

/** The document that the command prints. */
async function linkOf(program: Program): Promise<string> {
  let text = ''
  for await (const chunk of program.stdout) {
    text += String(chunk)
    const [, link] = /"url": "([^"]+)"/.exec(text) ?? []
    if (link !== undefined) return link
  }
  throw new Error(`the console ended before it printed a link: ${text}`)
}

export async function scratch(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'browser-'))
}

/** A cloud on a port that can be told to keep an answer back, so that a run stops where a test wants to look. */
export type SlowCloud = {
  readonly cloud: Cloud
  readonly env: Readonly<Record<string, string>>
  /** From now on requests like this one wait; the returned function lets them go. */
  hold(method: string, path: RegExp): () => void
  close(): Promise<void>
}

export async function openSlowCloud(): Promise<SlowCloud> {
  const cloud = createCloud(undefined, { pace: { clusterAccepted: 5, clusterCreated: 50 } })
  let held: { readonly method: string; readonly path: RegExp; readonly until: Promise<void> } | undefined
  const answer: Cloud['answer'] = async (request, service) => {
    const isHeld = held !== undefined && request.method === held.method && held.path.test(new URL(request.url).pathname)
    if (isHeld) await held?.until
    return cloud.answer(request, service)
  }
  const served = await serve({ cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud, port: 0 })
  return {
    cloud,
    env: operatorOf(cloud),
    hold(method, path) {
      let release: () => void = () => undefined
      const until = new Promise<void>((resolve) => {
        release = resolve
      })
      held = { method, path, until }
      return () => {
        held = undefined
        release()
      }
    },
    close: () => served.close(),
  }
}

/** The example tenant under a name, as a file of the folder above the root. */
export async function tenantFile(root: string, tenant: string): Promise<string> {
  const file = join(root, '..', `${tenant}.yaml`)
  await writeFile(file, (await exampleTenant(tenant)).replace(/^cloud: .*$/m, 'cloud: sim'))
  return file
}

export function apply(root: string, file: string, env: Readonly<Record<string, string>>): Program {
  return start(['apply', file, '--yes', '--home', root], { HOME: root, ...env })
}

export async function applyToTheEnd(root: string, tenant: string, { env }: SlowCloud): Promise<string> {
  const file = await tenantFile(root, tenant)
  const { code, err } = await run(['apply', file, '--yes', '--home', root], { HOME: root, ...env })
  if (code !== 0) throw new Error(`apply ended with ${String(code)}: ${err}`)
  return file
}

export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
