/** Findings that rest on a request: who asks for what, which clause lets it through, and where that clause stands. */
import type { Check } from '../check.ts'
import { enforce, requestOf } from '../enforce.ts'
import { holds } from '../evaluate.ts'
import { renderRequest } from '../operation.ts'
import type { Ask } from '../operation.ts'
import { RuleError } from '../python.ts'
import type { FileRule, RuleSet } from '../rules.ts'

export function allows(rules: RuleSet, { operation, persona, target }: Ask): boolean {
  return enforce(rules, operation.action, persona.creds, target).kind === 'allow'
}

/** `member (member on a tenant's project) may GET /v3/...`. */
export function tell(ask: Ask): string {
  return `${ask.persona.name} (${ask.persona.title}) may ${renderRequest(ask.request)}`
}

export type Clause = { readonly check: Check; readonly rule: FileRule }

/**
 * The smallest clause of the file that lets the request through: into the alternative that holds, and through
 * references as long as they lead to rules of the file.
 */
export function holdingClause(own: ReadonlyMap<string, FileRule>, rules: RuleSet, ask: Ask): Clause | undefined {
  const start = own.get(ask.operation.action)
  if (start === undefined) return undefined
  const request = requestOf(rules, ask.persona.creds, ask.target)
  const holdsHere = (check: Check): boolean => {
    try {
      return holds(check, request)
    } catch (error) {
      if (error instanceof RuleError) return false
      throw error
    }
  }
  const descend = ({ check, rule }: Clause, depth: number): Clause => {
    if (depth > 50) return { check, rule }
    if (check.kind === 'or') {
      const next = check.checks.find(holdsHere)
      return next === undefined ? { check, rule } : descend({ check: next, rule }, depth + 1)
    }
    const next = check.kind === 'rule' ? own.get(check.name) : undefined
    if (next === undefined || next.check.kind === 'true') return { check, rule }
    return descend({ check: next.check, rule: next }, depth + 1)
  }
  return descend({ check: start.check, rule: start }, 0)
}
