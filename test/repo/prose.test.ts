import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** What the rules of scripts/prose/ say of a text in the place of a page, each with its line. */
function lint(rules: 'sentences' | 'links', page: string, text: string): readonly string[] {
  const options = ['--no-textlintrc', '--rulesdir', `scripts/prose/${rules}`, '--format', 'json', '--stdin']
  const { stdout } = spawnSync('node_modules/.bin/textlint', [...options, '--stdin-filename', page], {
    input: text,
    encoding: 'utf8',
  })
  const [answer] = JSON.parse(stdout) as [{ messages: { line: number; message: string }[] }]
  return answer.messages.map(({ line, message }) => `${line}: ${message}`)
}

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')

test('a sentence of 26 words is found in a paragraph, an item and a cell; code is one word, and a number may end a sentence', () => {
  const page = [
    `Short. ${words(26)}.`,
    `* ${words(26)}.`,
    `| a | b |\n|---|---|\n| a | ${words(26)}. |`,
    `${words(25)}. ${words(25)}.`,
    `\`${words(40)}\` is code.`,
    `    ${words(40)}`,
    `${words(20)} 13. ${words(20)}.`,
  ].join('\n\n')
  expect(lint('sentences', 'docs/page.md', page)).toEqual(
    [1, 3, 7].map((line) => `${line}: 26 words, at most 25: "${words(6)} .."`),
  )
})

test('a link to a missing file or heading is found, and a link that leads somewhere is not', () => {
  const bad = '[b](nothing.md) [c](#first-part) [d](json.md#nothing) ![e](nothing.svg)'
  const good =
    '[a](install.md) [b](json.md#the-state-file-of-a-fleet) [c](decisions/) [d](../examples) [e](https://example.org/x)'
  expect(lint('links', 'docs/README.md', `${bad}\n\n${good}\n`)).toEqual([
    '1: no such file: nothing.md',
    '1: no such heading: #first-part',
    '1: no such heading: json.md#nothing',
    '1: no such file: nothing.svg',
  ])
})

// the pages as they are; `npm run lint:sentences` prints the same
test.each(['sentences', 'links'])('the pages have no fault of %s', { timeout: 120_000 }, (rules) => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', `lint:${rules}`], { encoding: 'utf8' })
  expect(`${stdout}${stderr}`).toBe('')
  expect(status).toBe(0)
})
