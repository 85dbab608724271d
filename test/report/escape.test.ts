import { parseHTML } from 'linkedom'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { html } from '../../src/report/markup.ts'
import { hostile, openHostileStand } from './hostile.ts'
import type { ReportStand } from './stand.ts'

let stand: ReportStand

beforeAll(async () => {
  stand = await openHostileStand()
})

afterAll(() => stand.remove())

test('names from a cloud and from a file are text on the page, and nothing else', async () => {
  const page = await stand.report('-o', 'html')
  const { document } = parseHTML(page)
  expect(document.querySelectorAll('script, img, svg svg, iframe, object, style').length).toBe(1)
  const handlers = [...document.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes].filter(({ name }) => name.startsWith('on')),
  )
  expect(handlers).toEqual([])
  // they are really there, as text
  expect(document.body.textContent).toContain("<script>document.title='owned'</script>")
  expect(document.body.textContent).toContain('Acme \\u{202e}tnanet\\u{202c} --> </style>')
  expect(page).not.toContain('\u202e')
})

test('they make no cell, link or tag in Markdown, and end no comment', async () => {
  const text = await stand.report('-o', 'markdown')
  expect(text).not.toMatch(/(^|[^\\])<(script|img|svg)/m)
  expect(text).not.toMatch(/[^\\]\]\(javascript/)
  expect(text.match(/<!--/g)).toHaveLength(1)
  expect(text.match(/-->/g)?.length).toBe(1)
  expect(text).toContain('\\<script\\>')
})

test('a report with such names is checked like any other', async () => {
  for (const name of ['hostile.html', 'hostile.md', 'hostile.json']) {
    await stand.report('--out', name)
    const { code, out } = await stand.check(name)
    expect(out).toContain('says what the evidence says')
    expect(code).toBe(0)
  }
  expect(JSON.parse(await stand.report('-o', 'json'))).toMatchObject({ asked: { description: hostile.description } })
})

test('whatever stands in a hole stays inside it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { document } = parseHTML(`<html><body>${html`<p title="${text}">${[text]}</p>`.text}</body></html>`)
      const [only, ...more] = [...document.body.querySelectorAll('*')]
      expect(more).toEqual([])
      expect(only?.attributes.length).toBe(1)
      expect(only?.textContent).toBe(only?.getAttribute('title'))
    }),
    { numRuns: runs(300) },
  )
})
