import type { Label } from './labels.ts'

/* The elements of Markdown. No name from a cloud makes a link, a tag, a cell or a line. */

export function heading(level: 2 | 3, title: string, body: string): string {
  return `${'#'.repeat(level)} ${text(title)}\n\n${body}`
}

export function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  if (body.length === 0) return 'None.\n'
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return `${line(head)}${line(head.map(() => '---'))}${body.map(line).join('')}`
}

/** Emphasises what is wrong. */
export function saidText({ text, tone }: Label): string {
  return tone === 'bad' ? `**${text}**` : text
}

export function text(value: string): string {
  return plain(value).replace(/[\\`*_[\]<>|~&#!]/g, '\\$&')
}

export function code(value: string): string {
  return value === '' ? '' : `\`${plain(value).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** One line, with characters that would hide or reorder text shown by their codes. */
export function plain(value: string): string {
  return value
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
}
