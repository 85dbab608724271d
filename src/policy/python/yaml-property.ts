/** Directives, anchors, aliases and tags. PyYAML 6.0, lib/yaml/scanner.py, scan_directive, scan_anchor and scan_tag. */
import { blanks, breaks, end } from './yaml-text.ts'
import type { YamlText } from './yaml-text.ts'
import type { YamlToken } from './yaml-token.ts'

export function scanDirective(source: YamlText): YamlToken {
  const place = source.place()
  source.forward()
  const name = source.takeName()
  source.expect(` ${breaks}${end}`)
  if (name === 'YAML') {
    source.skip(' ')
    const major = scanDigits(source)
    source.expect('.')
    source.forward()
    scanDigits(source)
    source.expect(` ${breaks}${end}`)
    source.endLine()
    return { kind: 'directive', name, major, place }
  }
  if (name === 'TAG') {
    source.skip(' ')
    const handle = scanTagHandle(source)
    source.expect(' ')
    source.skip(' ')
    const prefix = scanTagUri(source)
    source.expect(` ${breaks}${end}`)
    source.endLine()
    return { kind: 'directive', name, handle, prefix, place }
  }
  while (!source.isAt(breaks + end)) source.forward()
  source.endLine()
  return { kind: 'directive', name, place }
}

function scanDigits(source: YamlText): string {
  let length = 0
  while (/^[0-9]$/.test(source.at(length))) length++
  if (length === 0) source.fail('a digit is missing')
  return source.forward(length)
}

export function scanAnchor(source: YamlText, kind: 'alias' | 'anchor'): YamlToken {
  const place = source.place()
  source.forward()
  const name = source.takeName()
  source.expect(`${blanks}?:,]}%@\``)
  return { kind, name, place }
}

export function scanTag(source: YamlText): YamlToken {
  const place = source.place()
  let handle: string | undefined
  let suffix: string
  if (source.at(1) === '<') {
    source.forward(2)
    suffix = scanTagUri(source)
    source.expect('>')
    source.forward()
  } else if (source.isAt(blanks, 1)) {
    suffix = '!'
    source.forward()
  } else {
    let length = 1
    while (!source.isAt(` ${breaks}${end}`, length) && source.at(length) !== '!') length++
    if (source.at(length) === '!') handle = scanTagHandle(source)
    else {
      handle = '!'
      source.forward()
    }
    suffix = scanTagUri(source)
  }
  source.expect(` ${breaks}${end}`)
  return { kind: 'tag', handle, suffix, place }
}

function scanTagHandle(source: YamlText): string {
  source.expect('!')
  let length = 1
  if (source.at(length) !== ' ') {
    while (/^[0-9A-Za-z_-]$/.test(source.at(length))) length++
    if (source.at(length) !== '!') source.fail('a tag needs a second `!`')
    length++
  }
  return source.forward(length)
}

function scanTagUri(source: YamlText): string {
  let text = ''
  while (/^[-0-9A-Za-z;/?:@&=+$,_.!~*'()[\]%]$/.test(source.at())) {
    text += source.at() === '%' ? scanUriEscapes(source) : source.forward()
  }
  if (text === '') source.fail('a tag is missing')
  return text
}

function scanUriEscapes(source: YamlText): string {
  let text = ''
  while (source.at() === '%') {
    const escape = source.forward(3)
    if (!/^%[0-9A-Fa-f]{2}$/.test(escape)) source.fail('two hexadecimal digits are missing')
    text += escape
  }
  try {
    return decodeURIComponent(text)
  } catch {
    return source.fail('the escapes in the tag are not UTF-8')
  }
}
