import { printStyle } from './print-style.ts'
import { tokens } from '../tokens.ts'

/** The stylesheet of a report. `heading` is at the top of every printed page. */
export function stylesheet(heading: string): string {
  return `${tokens}${screenStyle}${printStyle(heading)}`
}

const screenStyle = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: var(--size-body)/1.55 var(--sans); overflow-wrap: break-word; }
main, header.page, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 600; margin: 0; text-wrap: balance; }
h1 { font-size: var(--size-display); letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: var(--size-title); margin: 3rem 0 0.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
h3 { font-size: var(--size-lead); margin: 2rem 0 0.5rem; }
h4 { font-size: var(--size-body); margin: 1.25rem 0 0.25rem; }
p { margin: 0 0 0.75rem; max-width: 46rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font-family: var(--mono); font-size: 0.8125em; overflow-wrap: anywhere; }
pre { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: 0.75rem 1rem; margin: 0.5rem 0; white-space: pre-wrap; font-size: var(--size-small); }
.soft { color: var(--ink-soft); }
.small { font-size: var(--size-small); }
header.page { padding-top: 3rem; }
.eyebrow { color: var(--accent); font-size: var(--size-small); font-weight: 600; letter-spacing: 0.04em; margin: 0 0 0.25rem; }
.verdict { margin: 1.5rem 0; padding: 1.25rem 1.5rem; border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: var(--radius); background: var(--sheet); }
.verdict .answer { font-size: var(--size-title); font-weight: 600; margin: 0 0 0.5rem; color: var(--tone); }
.verdict ul { margin: 0; padding-left: 1.1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem 2rem; margin: 1.5rem 0; padding: 0; }
.facts dt { color: var(--ink-soft); font-size: var(--size-small); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd code { font-size: 0.75rem; }
.time { white-space: nowrap; }
nav.contents ol { columns: 2; column-gap: 2rem; padding-left: 1.4rem; margin: 0.5rem 0 0; }
nav.contents li { break-inside: avoid; }
.good { --tone: var(--good); --tone-soft: var(--good-soft); }
.warn { --tone: var(--warn); --tone-soft: var(--warn-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
.still { --tone: var(--still); --tone-soft: var(--still-soft); }
.badge { padding: 0.05rem 0.5rem; border-radius: 1rem; white-space: nowrap; font-size: var(--size-small); font-weight: 600; color: var(--tone); background: var(--tone-soft); }
.badge::before { content: attr(data-symbol) '\\00a0'; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: var(--size-small); line-height: 1.45; }
caption { text-align: left; color: var(--ink-soft); padding: 0 0 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--ink-soft); font-weight: 600; border-bottom-color: var(--line-strong); vertical-align: bottom; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.ids { color: var(--ink-soft); min-width: 4rem; font-variant-numeric: tabular-nums; }
table.requests { font-size: 0.6875rem; }
table.requests td { padding: 0.1rem 0.75rem 0.1rem 0; }
table.requests code { font-size: 1em; overflow-wrap: normal; }
table.requests td { white-space: nowrap; }
#probes table { table-layout: fixed; }
#probes th:nth-child(2) { width: 9.5rem; }
#probes th:nth-child(3) { width: 34%; }
#probes th:nth-child(4) { width: 6rem; }
#probes td { overflow-wrap: anywhere; }
tr:target { background: var(--accent-soft); }
table.access th[scope='row'] { font-weight: 400; }
table.access th code { font-size: 0.75rem; }
table.access td { padding: 0.25rem 0.4rem; border-left: 1px solid var(--line); width: 9.5%; min-width: 5.5rem; }
table.access th { padding-left: 0.4rem; }
table.access tbody.service th { font-weight: 600; padding-top: 0.9rem; }
table.access td.tone { background: var(--tone-soft); color: var(--tone); }
table.access .paper { display: block; color: var(--ink-soft); font-size: 0.6875rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; padding: 0; margin: 0.5rem 0; list-style: none; font-size: var(--size-small); }
figure { margin: 1rem 0; }
figcaption { color: var(--ink-soft); font-size: var(--size-small); }
.drawing { display: block; max-width: 100%; height: auto; }
.chart { display: block; max-width: 40rem; }
.chart text { fill: var(--ink); font: 12px var(--sans); }
.chart .amount { fill: var(--ink-soft); }
.chart .track { fill: var(--sheet); }
.chart .bar { fill: var(--accent); }
.drawing .box { fill: var(--sheet); stroke: var(--line-strong); }
.drawing .box.tenant { fill: var(--accent-soft); stroke: var(--accent); }
.drawing .wire { stroke: var(--ink-soft); stroke-width: 1.5; fill: none; }
.drawing .boundary { fill: none; stroke: var(--accent); stroke-dasharray: 4 4; }
.drawing text { fill: var(--ink); font-family: var(--sans); font-size: 12px; }
.drawing text.kind { fill: var(--ink-soft); font-size: 11px; }
.drawing text.name { font-weight: 600; }
.drawing text.value { font-family: var(--mono); font-size: 11px; }
.drawing.down { display: none; }
.finding, .recipe { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--tone, var(--line)); }
.finding p, .recipe p { margin: 0.25rem 0; }
footer { padding-top: 2rem; padding-bottom: 4rem; color: var(--ink-soft); font-size: var(--size-small); }
@media (max-width: 44rem) {
  main, header.page, footer { padding-left: 1rem; padding-right: 1rem; }
  nav.contents ol { columns: 1; }
  .drawing.across { display: none; }
  .drawing.down { display: block; }
  table.stack thead { display: none; }
  table.access th[scope='row'] { position: sticky; left: 0; background: var(--paper); min-width: 6rem; max-width: 8.5rem; overflow-wrap: break-word; }
  #probes table { table-layout: auto; }
  table.stack tr { display: block; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  table.stack td, table.stack th { display: block; border: 0; padding: 0.1rem 0; text-align: left; }
  table.stack td[data-label]:not(:empty)::before { content: attr(data-label) ': '; color: var(--ink-soft); }
}
`
