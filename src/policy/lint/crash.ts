/* Checks at which Python raises: the answer is 500, for every caller and as soon as they are evaluated. */
import type { AttributeCheck } from '../engine/check.ts'
import { fill, keysRead } from '../python/format.ts'
import type { Format } from '../python/format.ts'
import { RuleError } from '../python/value.ts'
import { isScalar } from './attributes.ts'
import { leavesOf } from '../engine/reach.ts'
import type { Leaf } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { Lint, Report } from './subject.ts'

export const lintCrashes: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) => {
    if (typeof rule.value === 'string' && rule.value.includes('{{')) return []
    return [...leavesOf(rule.check)].flatMap(({ leaf }) => {
      const crash = crashOf(leaf)
      if (crash === undefined) return []
      const { why, remedy } = crash
      return [
        findingIn(subject, rule, {
          code: 'policy/crash',
          severity: 'error',
          message: `\`${rule.name}\` answers 500 instead of yes or no: ${why}`,
          ...(remedy === undefined ? {} : { remedy }),
          span: leaf.span,
        }),
      ]
    })
  })

type Crash = { readonly why: string; readonly remedy?: Report['remedy'] & string }

function crashOf(leaf: Leaf): Crash | undefined {
  switch (leaf.kind) {
    case 'bare-text':
      return {
        why: `the whole rule is the bare text \`${leaf.text}\``,
        remedy: 'write a check, `KIND:VALUE`, without quotes around it',
      }
    case 'attribute':
      return badSubject(leaf) ?? badFormat(leaf.format, leaf.match)
    case 'role':
      return badFormat(leaf.format, leaf.match)
    case 'true':
    case 'false':
    case 'rule':
    case 'http':
      return undefined
  }
}

function badSubject({ left, match, subject }: AttributeCheck): Crash | undefined {
  switch (subject.kind) {
    case 'literal':
      return undefined
    case 'syntax-error': {
      const bang = /^!+/.exec(left)?.[0]
      const remedy = bang === undefined ? undefined : `write \`not ${left.slice(bang.length)}:${match}\``
      return { why: `\`${left}\` is not a Python expression`, ...(remedy === undefined ? {} : { remedy }) }
    }
    case 'refused':
      return { why: `\`${left}\` is a Python expression that is too hard to read` }
    case 'path': {
      const [head = '', ...rest] = subject.segments
      if (rest.length === 0 || !isScalar(head)) return undefined
      return { why: `\`${head}\` of the credentials is plain text and has no \`${rest.join('.')}\`` }
    }
  }
}

function badFormat(format: Format, match: string): Crash | undefined {
  if (format.kind !== 'percent') return undefined
  try {
    fill(format, Object.fromEntries(keysRead(format).map((key) => [key, 'x'])))
    return undefined
  } catch (error) {
    // A conversion that needs a number may get one; anything else is wrong for every target.
    if (!(error instanceof RuleError) || error.type !== 'ValueError') return undefined
    return {
      why: `\`${match}\` is not a valid format: ${error.message}`,
      remedy: 'write `%%` for a percent sign, `%(KEY)s` for a key',
    }
  }
}
