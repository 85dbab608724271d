import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
}

/** What axe finds at the levels `serious` and `critical`, a line each: rule, what it is about, why. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // by the debugger and not as a script of the page, whose policy would refuse it
  await page.evaluate(axe.source)
  return page.evaluate<readonly string[]>(`axe.run(document).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.target.join(' ') + ': ' + node.failureSummary)))`)
}
