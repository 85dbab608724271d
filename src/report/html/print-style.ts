/** For print: light, black ink, a heading and a page number on every page, related parts kept together. */
export function printStyle(heading: string): string {
  const quoted = heading.replaceAll(/[^\x20-\x7e]|["\\<]/g, ' ')
  return `
@page { size: A4; margin: 20mm 15mm 18mm; @top-left { content: "${quoted}"; font: 8pt sans-serif; color: #566067; } @bottom-right { content: counter(page) ' / ' counter(pages); font: 8pt sans-serif; color: #566067; } }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --sheet: #f6f7f7; --ink: #000000; --ink-soft: #454d52; --line: #cfd5d8; --line-strong: #8d979c; --accent: #0a6b75; --accent-soft: #e3f0f1; --good: #1c6b3a; --good-soft: #e5f3ea; --warn: #805300; --warn-soft: #fcf1da; --bad: #a5232c; --bad-soft: #fbe8e8; --still: #454d52; --still-soft: #eceff0; }
  html { font-size: 13px; }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, header.page, footer { max-width: none; padding: 0; }
  header.page { padding-top: 0; }
  h2 { margin-top: 1.75rem; }
  h2, h3, h4, caption { break-after: avoid; }
  section.leaf { break-before: page; }
  section.leaf h2 { border-top: 0; padding-top: 0; margin-top: 0; }
  tr, figure, pre, .finding, .recipe, .verdict, li { break-inside: avoid; }
  thead { display: table-header-group; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  #probes table { font-size: 7.5pt; }
  tbody.service { break-after: avoid; }
  .scroll { overflow: visible; }
  .drawing.across { display: block; }
  .drawing.down { display: none; }
  a { color: inherit; text-decoration: none; }
  table.requests { font-size: 6.5pt; }
  table.requests td { white-space: normal; }
  table.requests td:nth-child(2) { white-space: nowrap; }
}
`
}
