/**
 * The right-hand side of a check: Python's `match % target`. Nearly every one is a constant or one `%(key)s`, which are
 * recognised when the rule is read; the rest uses the full `%`.
 */
import { formatPercent } from './percent.ts'
import { lookUp, str } from './value.ts'
import type { Dict } from './value.ts'

export type Format =
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'key'; readonly before: string; readonly key: string; readonly after: string }
  | { readonly kind: 'percent'; readonly template: string }

/** One plain `%(key)s`. `percent` handles a key with parentheses. */
const oneKey = /^([^%]*)%\(([^()]*)\)s([^%]*)$/s

export function parseFormat(template: string): Format {
  if (!template.includes('%')) return { kind: 'constant', text: template }
  const [, before, key, after] = oneKey.exec(template) ?? []
  if (before !== undefined && key !== undefined && after !== undefined) return { kind: 'key', before, key, after }
  return { kind: 'percent', template }
}

/** `undefined` if the target has no such key (a KeyError, which a check treats as no). Throws RuleError. */
export function fill(format: Format, target: Dict): string | undefined {
  switch (format.kind) {
    case 'constant':
      return format.text
    case 'key': {
      const value = lookUp(target, format.key)
      return value === undefined ? undefined : format.before + str(value) + format.after
    }
    case 'percent':
      return formatPercent(format.template, target)
  }
}

/** The target keys that a format reads. */
export function keysRead(format: Format): readonly string[] {
  switch (format.kind) {
    case 'constant':
      return []
    case 'key':
      return [format.key]
    case 'percent':
      return [...format.template.matchAll(/%\(([^()]*)\)/g)].map((match) => match[1] ?? '')
  }
}
