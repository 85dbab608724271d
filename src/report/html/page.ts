import { createHash } from 'node:crypto'
import { inputsOf, renderInputs } from '../inputs.ts'
import type { Report } from '../report.ts'
import { viewOf } from '../view/report-view.ts'
import { timeText } from '../view/time.ts'
import { sectionMarkup } from './block.ts'
import { html, trusted } from './markup.ts'
import { stylesheet } from './stylesheet.ts'
import { summaryMarkup } from './summary.ts'
import { textMarkup } from './text.ts'

/** One self-contained file: no script, no request, and a content policy that forbids them. */
export function renderHtml(report: Report): string {
  const { summary, sections, closing } = viewOf(report)
  const heading = `Tenant ${summary.tenant} on ${summary.cloud}, ${timeText(summary.madeAt)}`
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
        ${summaryMarkup(summary, sections)}
        <main>${sections.map(sectionMarkup)}</main>
        <footer id="end">
          <p>${textMarkup(closing)}</p>
        </footer>
      </body>
    </html> `
  return page.text
}

/** Nothing is loaded and nothing runs; the one stylesheet is allowed by its hash. */
function policy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
}
