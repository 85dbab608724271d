import { visible } from '../../visible.ts'

/*
 * HTML with every hole escaped: a value in a `${}` of `html` is text, unless it is Markup itself. Only `trusted` makes
 * other Markup, from bytes that we made.
 */

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Hole = string | number | undefined | Markup | readonly Hole[]

export function html(strings: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  return new Markup(strings.reduce((made, part, index) => `${made}${textOf(holes[index - 1])}${part}`))
}

/** For our own markup: a drawing, a stylesheet. Never for anything from a cloud or a file. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

function textOf(hole: Hole): string {
  if (hole === undefined) return ''
  if (typeof hole === 'number') return String(hole)
  if (typeof hole === 'string') return escapeHtml(hole)
  return hole instanceof Markup ? hole.text : hole.map(textOf).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Characters that would hide or reorder text, as a name from a cloud may have, are shown by their codes. Line breaks
 * stay.
 */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
