import { afterAll, beforeAll, expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { html } from '../../src/report/html/markup.ts'
import { hostile, openHostileTestBed } from './hostile.ts'
import type { ReportTestBed } from './test-bed.ts'

/* Names that want to be more than names. What a browser makes of them is told in test/browser/report.test.ts. */

let bed: ReportTestBed

beforeAll(async () => {
  bed = await openHostileTestBed()
})

afterAll(() => bed.remove())

test('names from a cloud and from a file are text on the page, and nothing else', async () => {
  const page = await bed.report('-o', 'html')
  expect(page).not.toMatch(/<(script|img|iframe|object)|<svg onload/i)
  expect(page).not.toMatch(/<[^>]*\son[a-z]+=/i)
  expect(page.match(/<\/style>/g)).toHaveLength(1)
  // they are really there, as text, and what would reorder it is shown
  expect(page).toContain('&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;')
  expect(page).toContain('Acme \\u{202e}tnanet\\u{202c} --&gt; &lt;/style&gt;')
  expect(page).not.toContain('\u202e')
})

test('they make no cell, link or tag in Markdown, and end no comment', async () => {
  const text = await bed.report('-o', 'markdown')
  expect(text).not.toMatch(/(^|[^\\])<(script|img|svg)/m)
  expect(text).not.toMatch(/[^\\]\]\(javascript/)
  expect(text.match(/<!--/g)).toHaveLength(1)
  expect(text.match(/-->/g)).toHaveLength(1)
  expect(text).toContain('\\<script\\>')
})

test('a report with such names is checked like any other', async () => {
  for (const name of ['hostile.html', 'hostile.md', 'hostile.json']) {
    await bed.report('--out', name)
    const { code, out } = await bed.check(name)
    expect(out).toContain('agrees with the evidence')
    expect(code).toBe(0)
  }
  expect(JSON.parse(await bed.report('-o', 'json'))).toMatchObject({ asked: { description: hostile.description } })
})

test('whatever fills a hole stays inside it, in an attribute and between tags', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const [, title, body] =
        /^<p title="([^"<>']*)">([^<>"']*)<\/p>$/.exec(html`<p title="${text}">${[text]}</p>`.text) ?? []
      expect(title).toBeDefined()
      expect(body).toBe(title)
      // nothing that draws nothing is left in it
      expect(title).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      expect(title?.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
    }),
    { numRuns: runs(300) },
  )
})
