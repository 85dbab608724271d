import { createHash } from 'node:crypto'
import { inputsOf, renderInputs } from './inputs.ts'
import { html, trusted } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Report } from './report.ts'
import { access } from './sections/access.ts'
import { accounts } from './sections/accounts.ts'
import { asked } from './sections/asked.ts'
import { events } from './sections/events.ts'
import { findings } from './sections/findings.ts'
import { network } from './sections/network.ts'
import { probes } from './sections/probes.ts'
import { recipes } from './sections/recipes.ts'
import { requests } from './sections/requests.ts'
import { stages } from './sections/stages.ts'
import { summary } from './sections/summary.ts'
import { times, timesOf } from './sections/times.ts'
import { untested } from './sections/untested.ts'
import { stylesheet } from './stylesheet.ts'
import { timePlots } from './time-plot.ts'
import { timeText } from './labels.ts'

/** One self-contained file: no script, no request, and a content policy that forbids them. */
export async function renderHtml(report: Report): Promise<string> {
  const taken = timesOf(report)
  const plots = taken.length === 0 ? undefined : await timePlots(taken)
  const heading = `Tenant ${report.tenant} on ${report.cloud}, ${timeText(report.madeAt)}`
  const style = stylesheet(heading)
  // unbroken: the hash covers every byte between the tags
  const sheet = trusted(`<style>${style}</style>`)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(style)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="made-from" content="${renderInputs(inputsOf(report))}" />
        <title>${heading}</title>
        ${sheet}
      </head>
      <body>
        ${summary(report)}
        <main>
          ${asked(report)}${stages(report)}${access(report)}${accounts(report)}${network(report)}${times(report, plots)}${findings(report)}${events(report)}${untested(report)}${recipes(report)}${probes(report)}${requests(report)}
        </main>
        ${footer(report)}
      </body>
    </html> `
  return page.text
}

/** Nothing is loaded and nothing runs; the one stylesheet is allowed by its hash. */
function policy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
}

function footer({ evidence, version, madeAt, tenant }: Report): Markup {
  return html`<footer id="end">
    <p>
      Report on tenant ${tenant}, made ${timeText(madeAt)} by tenant-onboard
      ${version}${evidence.head === undefined ? '' : html` from the evidence whose last record is <code>${evidence.head}</code>`}.
      Keep this head: it shows later whether anything before it was changed.
    </p>
  </footer> `
}
