import { expect, test } from 'vitest'
import { renderReport } from '../../src/report/format.ts'
import { viewOf } from '../../src/report/view/report-view.ts'
import { emptyReport, exampleReport } from './example.ts'

/* What a report says, word by word, in each format. */

test.each([
  ['example', exampleReport],
  ['empty', emptyReport],
])('%s: the page and the Markdown say what they said', async (name, report) => {
  await expect(readable(renderReport(report, 'html'))).toMatchFileSnapshot(`golden/${name}.html`)
  await expect(renderReport(report, 'markdown')).toMatchFileSnapshot(`golden/${name}.md`)
})

test.each([
  ['html', textsOfPage(renderReport(exampleReport, 'html'))],
  ['markdown', textsOfMarkdown(renderReport(exampleReport, 'markdown'))],
])('%s leaves out nothing of what there is to say', (format, shown) => {
  // a page shortens paths to fit, and Markdown has no colours to explain
  const wanted = leaves(viewOf(exampleReport), format === 'markdown' ? ['legend'] : ['path'])
  expect(wanted.length).toBeGreaterThan(500)
  expect(wanted.filter((text) => !shown.includes(text))).toEqual([])
})

/** Every text in a view, but for what says how it is to be read. */
function leaves(value: unknown, without: readonly string[]): readonly string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [squeezed(value)]
  if (typeof value !== 'object' || value === null) return []
  const unsaid = ['kind', 'tone', 'id', 'holds', 'at', 'madeAt', 'project', 'sentence', ...without]
  const said = Object.entries(value).filter(([key]) => !unsaid.includes(key))
  return said.flatMap(([, one]: [string, unknown]) => leaves(one, without))
}

function textsOfPage(page: string): string {
  const text = page
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/aria-label="([^"]*)"/g, '>$1<')
    .replace(/<[^>]*>/g, '')
  const entities = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }
  const named = Object.entries(entities)
  return squeezed(named.reduce((so, [name, sign]) => so.replaceAll(`&${name};`, sign), text))
}

function textsOfMarkdown(text: string): string {
  return squeezed(text.replace(/\\([\\`*_[\]<>|~&#!])/g, '$1'))
}

function squeezed(text: string): string {
  return text.replace(/[\s`*]+/g, ' ').trim()
}

/** Without the stylesheet and what names its bytes, a line an element: white space says nothing on a page. */
function readable(page: string): string {
  return page
    .replace(/<style>[^<]*<\/style>/, '<style></style>')
    .replace(/style-src &#39;sha256-[^&]*&#39;/, 'style-src')
    .replace(/<pre>[^<]*<\/pre>/g, (pre) => pre.replaceAll('\n', '\\n'))
    .replace(/\s+/g, ' ')
    .replace(
      / ?(<\/?(?:section|header|footer|nav|main|h[1-4]|p|div|table|caption|thead|tbody|tr|th|td|ul|ol|li|dl|dt|dd|figure|figcaption|pre|svg|title|g|rect|text|path|meta|head|body|html|style)\b)/g,
      '\n$1',
    )
    .replace(/\n(<\/(?:th|td|li|dt|dd|h[1-4]|p|caption|pre|text|title|figcaption)>)/g, '$1')
    .replace(/> +(?=\S)/g, '> ')
    .trimStart()
}
