import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import type { ReportedRequest } from '../requests.ts'
import { section } from './piece.ts'

/** The last appendix: the id of each number in the report, as in a service's log. */
export function requests({ requests: all }: Report): Markup {
  return section(
    'requests',
    'Every request',
    all.length === 0
      ? html`<p>None was sent.</p>`
      : html`<p>The numbers above. The id is in the service's log; the time is the service's own.</p>
          <div class="scroll" tabindex="0" role="region" aria-label="Every request">
            <table class="requests">
              <thead>
                <tr>
                  <th class="number" scope="col">No.</th>
                  <th scope="col">Id</th>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th class="number" scope="col">Answer</th>
                </tr>
              </thead>
              <tbody>
                ${all.map(row)}
              </tbody>
            </table>
          </div>`,
    true,
  )
}

function row({ number, id, at, actor, service, method, path, status }: ReportedRequest): Markup {
  return html`<tr id="request-${number}">
    <td class="number">${number}</td>
    <td><code>${id}</code></td>
    <td>${at === undefined ? '' : at.slice(11, 19)}</td>
    <td>${actor.replace(/^tenant-onboard-probe-[a-z0-9]+-[0-9a-f]+-/, 'probe: ')}</td>
    <td>${service} <code>${method} ${shortened(path)}</code></td>
    <td class="number">${status}</td>
  </tr> `
}

/** Shortens ids within a path, because the request id finds the request. The JSON has them whole. */
function shortened(path: string): string {
  return path.replace(/\b([0-9a-f]{8})(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f-]{22,27})\b/g, '$1..')
}
