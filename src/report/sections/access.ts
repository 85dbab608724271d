import { byService } from '../access.ts'
import type { AccessCell, AccessColumn, AccessMatrix, AccessRow } from '../access.ts'
import { accessWords, paperWords } from '../access-cell.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { ReportedClaim } from '../claims.ts'
import type { PolicyOnPaper } from '../paper.ts'
import type { Report } from '../report.ts'
import { count, okLabel, label } from '../labels.ts'
import type { Label } from '../labels.ts'
import { badge, section, table } from './piece.ts'

export function access({ access: matrix, catalogue, paper, claims }: Report): Markup {
  const { rows } = matrix
  return section(
    'access',
    'Access',
    html`${
      rows.length === 0
        ? html`<p>Not tried yet. <code>tenant-onboard verify</code> does.</p>`
        : html`<p>
              ${catalogue === undefined ? 'The attempts of the isolation gate.' : `The attempts of ${count(catalogue.probes.length, 'probe')} on the cloud, by policy action. ${catalogue.scs.held} of the ${catalogue.scs.of} checks of the SCS suite for scs-0302 are among them and hold.`}
              A list without foreign entries counts as
              refused.${paper === undefined ? '' : " Beside it are the policy's answers to the domain manager on paper. They count kinds of request, so they differ from the counts of probes."}
            </p>
            <ul class="legend">
              ${legend.map((entry) => html`<li>${badge(entry)}</li>`)}
            </ul>
            ${accessSummary(matrix)}
            <h3>Action by action</h3>
            ${accessTable(matrix)}`
    }
    ${claims.length === 0 ? '' : claimsPart(claims, paper)}`,
    true,
  )
}

const legend: readonly Label[] = [
  label('allowed, as expected', 'good'),
  label('refused, as expected', 'still'),
  label('inconclusive', 'warn'),
  label('wrong: not as expected', 'bad'),
]

/** The attempts, summed by service. */
export function accessSummary(matrix: AccessMatrix): Markup {
  const rows = byService(matrix).map((row) => rowMarkup(row, matrix.columns))
  return accessFrame(
    'Access by service',
    'Service',
    matrix.columns,
    html`<tbody class="sums">
      ${rows}
    </tbody>`,
  )
}

/** Action by action. */
export function accessTable({ columns, rows }: AccessMatrix): Markup {
  const services = [...new Set(rows.map(({ service }) => service))]
  const bodies = services.map(
    (service) =>
      html`<tbody class="service">
          <tr>
            <th colspan="${columns.length + 1}" scope="rowgroup">${service}</th>
          </tr>
        </tbody>
        <tbody>
          ${rows.filter((row) => row.service === service).map((row) => rowMarkup(row, columns))}
        </tbody> `,
  )
  return accessFrame('Access by action', 'Action', columns, html`${bodies}`)
}

function accessFrame(label: string, first: string, columns: readonly AccessColumn[], bodies: Markup): Markup {
  const groups = [...new Set(columns.map(({ who }) => who))].map((who) => ({
    who,
    span: columns.filter((column) => column.who === who).length,
  }))
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="access">
      <thead>
        <tr>
          <th rowspan="2" scope="col">${first}</th>
          ${groups.map(({ who, span }) => html`<th scope="colgroup" colspan="${span}">${who}</th>`)}
        </tr>
        <tr>
          ${columns.map(({ where }) => html`<th scope="col">${where}</th>`)}
        </tr>
      </thead>
      ${bodies}
    </table>
  </div> `
}

function rowMarkup({ action, cells }: AccessRow, columns: readonly AccessColumn[]): Markup {
  return html`<tr>
    <th scope="row">${action}</th>
    ${columns.map(({ id }) => cellMarkup(cells[id]))}
  </tr> `
}

function cellMarkup(cell: AccessCell | undefined): Markup {
  if (cell === undefined) return html`<td></td>`
  const { text, tone, symbol } = accessWords(cell)
  return html`<td class="tone ${tone}">
    ${`${symbol}\u00a0${text}`}${cell.paper === undefined ? '' : html`<span class="paper">${paperWords(cell.paper)}</span>`}${cell.isContradiction ? html`<span class="paper">! the policy says no</span>` : ''}
  </td>`
}

/** Each claim, on paper and as tried: two kinds of evidence, side by side. */
function claimsPart(claims: readonly ReportedClaim[], paper: PolicyOnPaper | undefined): Markup {
  return html`<h3>The policy: on paper, and as tried</h3>
    <p>
      ${paper === undefined ? 'No policy was given to this report, so it has no answer on paper.' : groundWords(paper)}
    </p>
    ${table(
      'Claims',
      [{ title: 'Claim' }, { title: 'On paper' }, { title: 'On the cloud' }, { title: 'A request that breaks it' }],
      claims.map(({ title, paper: proof, tried }) => [
        title,
        proof === undefined ? '' : badge(claimWords(proof.verdict)),
        tried === undefined ? '' : html`${badge(okLabel(tried.ok))} ${tried.held} of ${tried.probes} probes`,
        proof?.counterexamples.slice(0, 1).map((found) => html`<pre>${found}</pre>`),
      ]),
    )}${
      paper === undefined
        ? ''
        : html`<h4>Assumed in the proof</h4>
            <ul>
              ${paper.assumptions.map((assumption) => html`<li>${assumption}</li>`)}
            </ul>`
    }`
}

function groundWords({ release, base, overrides }: PolicyOnPaper): Markup {
  const files = overrides.map(({ file, digest }) => html`<code>${file}</code> (<code>${digest}</code>) `)
  return html`Keystone <strong>${release}</strong>, base <strong>${base}</strong>,
    ${files.length === 0 ? 'no override' : html`under ${files}`}. A claim is proved for all credentials and targets, or
    a request that breaks it is shown.`
}

export function claimWords(verdict: 'proved' | 'refuted' | 'undecided'): Label {
  switch (verdict) {
    case 'proved':
      return label('proved', 'good')
    case 'refuted':
      return label('refuted', 'bad')
    case 'undecided':
      return label('undecided', 'warn')
  }
}
