/**
 * Rules as somebody might plant them: any action, any key, any boolean structure, from a seed. Half of them are harmless
 * by construction: they allow nothing that the rule before them did not allow, or nobody below the cloud's own admins.
 */
import { targetOf } from '../../src/policy/model/targets.ts'
import type { Keystone } from '../../src/policy/releases/keystone.ts'
import { renderCheck } from '../../src/policy/engine/check.ts'
import type { RuleSet } from '../../src/policy/engine/rules.ts'

export type PlantedRule = {
  readonly action: string
  readonly check: string
  readonly isHarmless: boolean
}

/** Ids that exist where the rules are tried, so that a rule may name them. */
export type KnownIds = { readonly domains: readonly string[]; readonly projects: readonly string[] }

/** `base`: the rules before. The same seed gives the same rules. */
export function plantedRules(
  keystone: Keystone,
  base: RuleSet,
  { seed, count, ids }: { readonly seed: number; readonly count: number; readonly ids: KnownIds },
): readonly PlantedRule[] {
  const random = new Random(seed)
  const actions = keystone.registered.map(({ name }) => name).filter((name) => name.startsWith('identity:'))
  return Array.from({ length: count }, (_, index) => {
    const action = random.of(actions)
    const wild = structure(random, () => atom(random, keysOf(keystone, action), ids), 3)
    const isHarmless = index % 2 === 0
    return { action, check: isHarmless ? harmless(random, base, action, wild) : wild, isHarmless }
  })
}

function harmless(random: Random, base: RuleSet, action: string, wild: string): string {
  const rule = base.rules.get(action)
  const before = rule === undefined ? '!' : renderCheck(rule.check)
  return random.of([
    () => `(${before}) and (${wild})`,
    () => `(${wild}) and (${before})`,
    () => `(${before}) or ((${before}) and (${wild}))`,
    () => `role:admin and system_scope:all and (${wild})`,
    () => `(${wild}) and not (${wild})`,
    () => `! or ((${before}) and not (${wild}))`,
  ])()
}

function structure(random: Random, leaf: () => string, depth: number): string {
  const kind = depth === 0 ? 'leaf' : random.of(['leaf', 'and', 'and', 'or', 'or', 'not'])
  const part = (): string => structure(random, leaf, depth - 1)
  switch (kind) {
    case 'and':
    case 'or':
      return Array.from({ length: 2 + random.below(2) }, () => `(${part()})`).join(` ${kind} `)
    case 'not':
      return `not (${part()})`
    default:
      return leaf()
  }
}

const callers = {
  user: ['user_id', 'token.user.id'],
  domain: ['domain_id', 'user_domain_id', 'project_domain_id', 'token.domain.id', 'token.user.domain.id'],
  project: ['project_id', 'token.project.id'],
  other: ['system_scope', 'is_admin_project', 'no_such_attribute'],
}

function atom(random: Random, keys: readonly string[], { domains, projects }: KnownIds): string {
  const anyCaller = (): string => random.of(Object.values(callers).flat())
  const key = random.of(keys)
  return random.of([
    () => `role:${random.of(['admin', 'manager', 'member', 'reader', 'service', 'custom'])}`,
    () => `role:${random.of(['admin', 'manager', 'member', 'reader'])}`,
    () => `${anyCaller()}:%(${key})s`,
    () => `${anyCaller()}:%(${key})s`,
    // of its own kind, as a rule that means well has it
    () => `${random.of(callerOf(key))}:%(${key})s`,
    () => `${random.of(callerOf(key))}:%(${key})s`,
    () => `None:%(${key})s`,
    () => `domain_id:${random.of(domains)}`,
    () => `project_id:${random.of(projects)}`,
    () => (/domain(?:_id|\.id)$/.test(key) ? `'${random.of(domains)}':%(${key})s` : `'member':%(${key})s`),
    () => random.of(['system_scope:all', 'is_admin_project:True', 'domain_id:None', 'rule:admin_required', '@', '!']),
  ])()
}

function callerOf(key: string): readonly string[] {
  if (/domain(?:_id|\.id)$/.test(key)) return callers.domain
  if (/project(?:_id|\.id)$/.test(key)) return callers.project
  return callers.user
}

const attributes = ['id', 'name', 'domain_id', 'user_id', 'project_id', 'enabled']

/** What a rule for this action may name, read or not. */
function keysOf(keystone: Keystone, action: string): readonly string[] {
  const known = (targetOf(keystone.release, action)?.shapes ?? []).flat().map(({ key }) => key)
  const named = known.flatMap((key) =>
    key.endsWith('.*') ? attributes.map((attribute) => `${key.slice(0, -1)}${attribute}`) : [key],
  )
  return [
    ...new Set([
      ...named,
      'user_id',
      'domain_id',
      'target.user.domain_id',
      'target.domain_id',
      'target.nothing.id',
      'request_body.u',
      'request_body.target.user.domain_id',
      'filter_attr.domain_id',
    ]),
  ]
}

/** Numbers that are the same for the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0 || 1
  }

  /** xorshift32: G. Marsaglia, Xorshift RNGs, 2003. */
  below(count: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % count
  }

  of<T>(all: readonly T[]): T {
    const one = all[this.below(all.length)]
    if (one === undefined) throw new Error('nothing to choose from')
    return one
  }
}
