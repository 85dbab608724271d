import { expect, test } from 'vitest'
import { renderReport } from '../../src/report/format.ts'
import { emptyReport, exampleReport } from './example.ts'

/* What a report says, word by word, in each format. */

test.each([
  ['example', exampleReport],
  ['empty', emptyReport],
])('%s: the page and the Markdown say what they said', async (name, report) => {
  await expect(readable(renderReport(report, 'html'))).toMatchFileSnapshot(`golden/${name}.html`)
  await expect(renderReport(report, 'markdown')).toMatchFileSnapshot(`golden/${name}.md`)
})

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
