/** Findings from a request: its caller, the clause that allows it, and the place of that clause. */
import type { Check } from '../engine/check.ts'
import { enforce, requestOf } from '../engine/enforce.ts'
import { holds } from '../engine/evaluate.ts'
import { renderRequest } from '../model/operation.ts'
import type { Ask } from '../model/operation.ts'
import { personasByPower } from '../model/persona.ts'
import { RuleError } from '../python/value.ts'
import type { FileRule, RuleSet } from '../engine/rules.ts'

export function allows(rules: RuleSet, { operation, persona, target }: Ask): boolean {
  return enforce(rules, operation.action, persona.creds, target).kind === 'allow'
}

/** `member (member on a tenant's project) may GET /v3/...`. */
export function tell(ask: Ask): string {
  return `${ask.persona.name} (${ask.persona.title}) may ${renderRequest(ask.request)}`
}

export function powerOf({ persona }: Ask): number {
  return personasByPower.indexOf(persona.name)
}

/** Those of one persona stay in their order. */
export function leastPowerFirst(asks: readonly Ask[]): readonly Ask[] {
  return [...asks].sort((a, b) => powerOf(a) - powerOf(b))
}

export type Clause = { readonly check: Check; readonly rule: FileRule }

/**
 * The smallest clause of the file that allows the request: follows the alternative that holds, and references within
 * the file. `undefined` if none of it is the file's.
 */
export function holdingClause(own: ReadonlyMap<string, FileRule>, rules: RuleSet, ask: Ask): Clause | undefined {
  const request = requestOf(rules, ask.persona.creds, ask.target)
  const holdsHere = (check: Check): boolean => {
    try {
      return holds(check, request)
    } catch (error) {
      if (error instanceof RuleError) return false
      throw error
    }
  }
  const descend = (check: Check, rule: FileRule | undefined, depth: number): Clause | undefined => {
    const here = rule && { check, rule }
    if (depth > 50) return here
    switch (check.kind) {
      case 'or': {
        const next = check.checks.find(holdsHere)
        return (next && descend(next, rule, depth + 1)) ?? here
      }
      case 'and':
        // All parts hold, so the file's part decides.
        return here ?? firstOf(check.checks, (each) => descend(each, undefined, depth + 1))
      case 'rule': {
        const next = own.get(check.name)
        if (next !== undefined) return descend(next.check, next, depth + 1)
        const below = rule === undefined ? rules.rules.get(check.name) : undefined
        return below === undefined ? here : descend(below.check, undefined, depth + 1)
      }
      case 'true':
      case 'false':
      case 'role':
      case 'attribute':
      case 'http':
      case 'not':
      case 'bare-text':
        return here
    }
  }
  const { action } = ask.operation
  const start = rules.rules.get(action)
  return start && descend(start.check, own.get(action), 0)
}

function firstOf<T, R>(items: readonly T[], pick: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const picked = pick(item)
    if (picked !== undefined) return picked
  }
  return undefined
}
