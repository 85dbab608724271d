import { lineAndColumn } from './place.ts'
import type { Edit, Lint, LintFinding, LintSubject } from './subject.ts'

/* The bytes of the file: ASCII, and lines that end in LF. */

/** Look-alikes from word processors, and the intended character. */
const lookAlikes: Readonly<Record<string, string>> = {
  '\u00a0': ' ',
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\ufeff': '',
  '\u200b': '',
}

/** One finding for each line: inside a rule it may change the meaning, in a comment it is only unwise. */
export const lintNonAscii: Lint = (subject) => {
  const findings: LintFinding[] = []
  let offset = 0
  for (const line of subject.text.split(/(?<=\n)/)) {
    const found = /[^\0-\x7f]/u.exec(line)
    if (found !== null) findings.push(nonAscii(subject, line, offset, found.index))
    offset += line.length
  }
  return findings
}

function nonAscii(subject: LintSubject, line: string, offset: number, index: number): LintFinding {
  const isComment = line.trimStart().startsWith('#')
  const character = String.fromCodePoint(line.codePointAt(index) ?? 0)
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const meant = lookAlikes[character]
  const remedy = meant === undefined ? 'write it in ASCII' : `write \`${meant}\``
  return {
    ...at(subject, offset + index),
    code: 'policy/non-ascii',
    severity: isComment ? 'warning' : 'error',
    message: `U+${code} is not ASCII${isComment ? '' : ', so the rule may not mean what it seems to'}`,
    remedy: meant === '' ? 'remove it' : remedy,
    // ASCII quotes inside of a rule could end its text; in a comment they are safe.
    ...(isComment || meant === ' ' || meant === '' ? { edits: editsOf(line, offset, isComment) } : {}),
  }
}

function editsOf(line: string, offset: number, isComment: boolean): readonly Edit[] {
  return [...line.matchAll(/[^\0-\x7f]/gu)].flatMap(({ 0: character, index }) => {
    const meant = lookAlikes[character]
    if (meant === undefined || !(isComment || meant === ' ' || meant === '')) return []
    return [{ start: offset + index, end: offset + index + character.length, text: meant }]
  })
}

export const lintLineEnding: Lint = (subject) => {
  const ends = [...subject.text.matchAll(/\r\n?/g)]
  const [first] = ends
  if (first === undefined) return []
  return [
    {
      ...at(subject, first.index),
      code: 'policy/line-ending',
      severity: 'warning',
      message: `${ends.length} ${ends.length === 1 ? 'line ends' : 'lines end'} in CR or CRLF`,
      remedy: 'end lines in LF',
      edits: ends.map(({ 0: text, index }) => ({ start: index, end: index + text.length, text: '\n' })),
    },
  ]
}

function at(subject: LintSubject, offset: number) {
  const place = lineAndColumn(subject.text, offset)
  return { ...place, where: `${subject.file}:${place.line}:${place.column}`, owner: 'operator' } as const
}
