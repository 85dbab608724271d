/** How the policy files that we make are written: comments above their rules, ASCII, LF, the same bytes for the same input. */
import type { Section } from './section.ts'

/** The head, a comment for each line of it, and the sections. */
export function renderSections(head: readonly string[], sections: readonly Section[]): string {
  const parts = sections.map(
    (section) => `${comment(section.why)}${section.rules.map((rule) => renderRule(rule.name, rule.anyOf)).join('')}`,
  )
  return `${head.map(comment).join('#\n')}\n${parts.join('\n')}`
}

/** Where comments end. Rules may be longer: they break only between alternatives. */
const width = 110

function comment(text: string): string {
  if (text.startsWith(' ')) return `#${text}\n`
  let lines = ''
  let line = '#'
  for (const word of text.split(' ')) {
    if (line !== '#' && line.length + 1 + word.length > width) {
      lines += `${line}\n`
      line = '#'
    }
    line += ` ${word}`
  }
  return `${lines}${line}\n`
}

/** A double-quoted scalar may continue in the next line; the break and the indent are read as one blank. */
function renderRule(name: string, anyOf: readonly string[]): string {
  const whole = anyOf.join(' or ')
  const text = name.length + whole.length + 6 <= width ? whole : anyOf.join('\n  or ')
  return `"${name}": "${text}"\n`
}
