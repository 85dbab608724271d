/* Rules that oslo.policy accepts with another meaning than intended. */
import { tokenize } from '../engine/tokenize.ts'
import { leavesOf } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { Lint } from './subject.ts'

/** oslo.policy understands operators in capitals, but people search for `or`. */
export const lintOperatorCase: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) => {
    if (typeof rule.value !== 'string') return []
    return tokenize(rule.value)
      .filter(({ kind, text }) => (kind === 'and' || kind === 'or' || kind === 'not') && text !== kind)
      .map(({ kind, text, span }) =>
        findingIn(subject, rule, {
          code: 'policy/operator-case',
          severity: 'info',
          message: `\`${text}\` in \`${rule.name}\` is understood, but is written \`${kind}\` everywhere else`,
          remedy: `write \`${kind}\``,
          span,
          replacement: kind,
        }),
      )
  })

/** `role:a,role:b` is one role with a comma in its name. */
export const lintGluedChecks: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf }) => {
      if (leaf.kind !== 'role' && leaf.kind !== 'rule' && leaf.kind !== 'attribute') return []
      const match = leaf.kind === 'rule' ? leaf.name : leaf.match
      const glue = /\|\||&&|[,|&;]/.exec(match)?.[0]
      if (glue === undefined || isTemplate(match)) return []
      const what = leaf.kind === 'role' ? 'one role' : leaf.kind === 'rule' ? 'one rule' : 'one value'
      const operator = glue.startsWith('&') ? 'and' : 'or'
      return [
        findingIn(subject, rule, {
          code: 'policy/glued-checks',
          severity: 'error',
          message: `\`${match}\` in \`${rule.name}\` is ${what} of that name: \`${glue}\` separates nothing`,
          remedy: `write two checks with \` ${operator} \` between them`,
          span: leaf.span,
        }),
      ]
    }),
  )

/** A placeholder has its own finding. */
function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/** `Role:admin` looks for a credential `Role`, which does not exist. */
export const lintKindCase: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf }) => {
      if (leaf.kind !== 'attribute') return []
      const meant = leaf.left.toLowerCase()
      if (meant !== 'role' && meant !== 'rule') return []
      return [
        findingIn(subject, rule, {
          code: 'policy/kind-case',
          severity: 'error',
          message: `\`${leaf.left}:${leaf.match}\` in \`${rule.name}\` is not a ${meant} check, because kinds are lower-case: it never holds`,
          remedy: `write \`${meant}:${leaf.match}\``,
          span: leaf.span,
          replacement: `${meant}:${leaf.match}`,
        }),
      ]
    }),
  )

/**
 * `role:'admin'` is a role whose name begins and ends with a quote. On the left quotes mean a constant, on the right
 * nothing.
 */
export const lintQuotedNames: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf }) => {
      if (leaf.kind !== 'role' && leaf.kind !== 'rule' && leaf.kind !== 'attribute') return []
      const match = leaf.kind === 'rule' ? leaf.name : leaf.match
      if (!/^(?:'[^']+'|"[^"]+")$/.test(match)) return []
      const meant = `${leaf.kind === 'attribute' ? leaf.left : leaf.kind}:${match.slice(1, -1)}`
      return [
        findingIn(subject, rule, {
          code: 'policy/quoted-name',
          severity: 'error',
          message: `the quotes in \`${match}\` of \`${rule.name}\` are part of the name, which nothing has`,
          remedy: `write \`${meant}\``,
          span: leaf.span,
          replacement: meant,
        }),
      ]
    }),
  )
