/**
 * Proves claims about a policy, or finds the request that breaks them.
 *
 * The abstraction, and why it misses nothing:
 * - A request is an action, one form of it (`targets.ts`: what the handlers of Keystone put into the target, and
 *   who writes it), and a kind of caller (`caller.ts`: what its credentials hold). All combinations are tried.
 * - oslo.policy compares texts and nothing else, and None is the text `None`. So all that a rule can learn of a value is
 *   whether it equals a text of the policy, or another value: a value is a variable, and a decision is a boolean
 *   formula over equalities, held roles, and the presence of keys (`translate.ts`). There are infinitely many texts, so a
 *   set of equalities and inequalities without contradiction always has values: `solve.ts` finds them or there are none.
 * - The caller's input is free: any key of the body of any request (under `request_body`), the filters that the handler
 *   names (under `filter_attr`), and the path. The body of a create is its target at every level, and below
 *   OSSA-2026-015 any key may be forged, but the object of the request stays the same.
 * - A check that is not modelled (a remote check, a Python expression, a part of the token that is not listed, `%` with more
 *   than one key, a role named by the target) may be true or false. That can hide no breach, but it may prevent a
 *   proof, and then the answer is `not shown`.
 * - A model becomes a request, which is replayed as `explain` would evaluate it; one that does not replay is not told,
 *   and makes the answer `not shown` too.
 * Everything else that is assumed is part of the answer (`assumptions`).
 */
import { familyOf } from '../build/family.ts'
import type { Family } from '../build/family.ts'
import { cloudFactsOf, usualMagnumDomain } from '../model/cloud-facts.ts'
import type { CloudFacts } from '../model/cloud-facts.ts'
import { renderInferences } from '../model/role-inferences.ts'
import type { RoleInferences } from '../model/role-inferences.ts'
import { hasFix } from '../releases/release.ts'
import type { Keystone } from '../releases/keystone.ts'
import type { RuleSet } from '../engine/rules.ts'
import { callerDomain, callerKinds, callerOf, callerProjectDomain, callerUserDomain } from './caller.ts'
import { claimNames } from './claim.ts'
import type { ClaimName, Question, Refutation, View } from './claim.ts'
import { claimOf } from './claims.ts'
import { counterexampleOf } from './counterexample.ts'
import type { Counterexample, NotReplayed } from './counterexample.ts'
import { and, constant, equal, not, role, yes } from './formula.ts'
import type { Formula } from './formula.ts'
import { kindsIn } from './kinds.ts'
import { solve } from './solve.ts'
import { allows } from './translate.ts'
import { worldsOf } from './world.ts'
import type { World } from './world.ts'

/** `not shown`: something that is not modelled prevents a proof, and no counterexample could be replayed. */
export type ClaimProof = {
  readonly claim: ClaimName
  readonly title: string
  readonly verdict: 'proved' | 'refuted' | 'not shown'
  /** One for each action, replayed. */
  readonly counterexamples: readonly Counterexample[]
  /** Actions without an answer. */
  readonly notShown: readonly NotShown[]
}

export type NotShown = { readonly action: string; readonly why: string }

export type Proof = {
  readonly family: Family
  readonly answers: readonly ClaimProof[]
  readonly assumptions: readonly string[]
}

export type ProveOptions = {
  readonly rules: RuleSet
  readonly base: RuleSet
  readonly managedRoles: readonly string[]
  readonly claims?: readonly ClaimName[]
  /** The name of the domain of Magnum's trustees; absent: `magnum`. */
  readonly magnumDomain?: string | undefined
  /** What roles imply on this cloud; absent: what bootstrap of the release makes, and the proof says so. */
  readonly inferences?: RoleInferences | undefined
  /** Only these; absent: all of Keystone's. */
  readonly actions?: readonly string[]
  /** Below OSSA-2026-015: leave out what only a forged target breaks, which an update mends and no rule can. */
  readonly withoutForging?: boolean
}

export function prove(keystone: Keystone, options: ProveOptions): Proof {
  const { rules, base, managedRoles, claims, magnumDomain = usualMagnumDomain } = options
  const { release } = keystone
  const family = familyOf(base)
  const facts = cloudFactsOf(base, release, options.inferences)
  const all = viewsFor(keystone, rules, base, facts)
  const viewsOf = (action: string): readonly View[] =>
    options.withoutForging === true ? all(action).filter(({ world }) => !world.isForged) : all(action)
  const question: Question = { release, family, facts, managedRoles, magnumDomain, rules, base, viewsOf }
  const actions = options.actions ?? actionsOf(question)
  const answers = (claims ?? claimNames).map((name) => answerTo(name, actions, question, keystone))
  return { family, answers, assumptions: assumptionsOf(question, options.inferences !== undefined) }
}

function answerTo(name: ClaimName, actions: readonly string[], question: Question, keystone: Keystone): ClaimProof {
  const { title, refutations } = claimOf(name)
  const counterexamples: Counterexample[] = []
  const notShown: NotShown[] = []
  for (const refutation of refutations) {
    const wanted = refutation.actions?.filter((action) => actions.includes(action)) ?? actions
    for (const action of wanted) {
      const found = refute(refutation, action, question, keystone)
      if (found === undefined) continue
      if ('why' in found) notShown.push({ action, why: found.why })
      else counterexamples.push(found)
    }
  }
  const verdict = counterexamples.length > 0 ? 'refuted' : notShown.length > 0 ? 'not shown' : 'proved'
  return { claim: name, title, verdict, counterexamples, notShown }
}

function actionsOf({ rules, base }: Question): readonly string[] {
  const names = new Set([...base.rules.keys(), ...rules.rules.keys()])
  return [...names].filter((name) => name.startsWith('identity:')).sort()
}

function refute(
  refutation: Refutation,
  action: string,
  question: Question,
  keystone: Keystone,
): Counterexample | NotReplayed | undefined {
  let open: NotReplayed | undefined
  const broken = question.viewsOf(action).flatMap((view) => {
    if (refutation.decision !== 'allowed' && view.world.isForged) return []
    const breach = refutation.breach(view.world, question)
    if (breach.kind === 'false') return []
    const broken = and(view.world.axioms, breach, decided(refutation.decision, view))
    return [{ world: view.world, formula: and(broken, kindsIn(broken, view.world)) }]
  })
  const wanted = broken.map(({ world, formula }) => {
    const prefer = refutation.prefer?.(world, question) ?? yes
    return { world, formula: and(formula, prefer) }
  })
  for (const { world, formula } of refutation.prefer === undefined ? broken : [...wanted, ...broken]) {
    if (solve(formula) === undefined) continue
    const plain = plainest(formula, world, question)
    const model = solve(plain)
    const expected = refutation.decision === 'allowed' || refutation.decision === 'gained' ? 'allow' : 'deny'
    const found = model && counterexampleOf({ model, formula: plain }, { world, expected }, question, keystone)
    if (found !== undefined && !('why' in found)) return found
    open ??= found
  }
  return open
}

/**
 * Of all requests that break the claim, one by a caller without admin if there is one, and without needless
 * peculiarities.
 */
function plainest(formula: Formula, { real, caller }: World, { facts }: Question): Formula {
  const home = caller.kind === 'domain' ? callerDomain : callerProjectDomain
  const roleDomain = real('target.role.domain_id')
  const wishes = [
    not(role(facts.adminRole)),
    equal(callerUserDomain, home),
    roleDomain === undefined ? yes : equal(roleDomain, constant('None')),
    // a key of the body that the handler does not read is a trick
    ...[...groupsIn(formula)]
      .filter((group) => group.startsWith('request_body'))
      .map((group): Formula => ({ kind: 'absent', group })),
    ...['target.user.domain_id', 'target.group.domain_id', 'target.project.domain_id'].map((key) => {
      const domain = real(key)
      return domain === undefined ? yes : equal(domain, home)
    }),
  ]
  return wishes.reduce((so, wish) => {
    const more = and(so, wish)
    return solve(more) === undefined ? so : more
  }, formula)
}

function groupsIn(formula: Formula): ReadonlySet<string> {
  if ('parts' in formula) return new Set(formula.parts.flatMap((part) => [...groupsIn(part)]))
  if ('group' in formula) return new Set([formula.group])
  const terms = 'left' in formula ? [formula.left, formula.right] : []
  return new Set(terms.flatMap((term) => (term.kind === 'variable' && term.group !== undefined ? [term.group] : [])))
}

function decided(decision: Refutation['decision'], { allowed, allowedByBase }: View): Formula {
  switch (decision) {
    case 'allowed':
      return allowed
    case 'denied':
      return not(allowed)
    case 'lost':
      return and(allowedByBase, not(allowed))
    case 'gained':
      return and(allowed, not(allowedByBase))
  }
}

/** The same for all claims, so it is computed once for each action. */
function viewsFor(
  keystone: Keystone,
  rules: RuleSet,
  base: RuleSet,
  facts: CloudFacts,
): (action: string) => readonly View[] {
  const callers = callerKinds(facts).map((kind) => callerOf(kind, facts))
  const known = new Map<string, readonly View[]>()
  return (action) => {
    const views =
      known.get(action) ??
      callers.flatMap((caller) =>
        worldsOf(keystone.release, action, caller, facts.inferences).map((world) => ({
          world,
          allowed: allows(rules, world),
          allowedByBase: allows(base, world),
        })),
      )
    known.set(action, views)
    return views
  }
}

function assumptionsOf({ release, family, facts, magnumDomain }: Question, hasInferences: boolean): readonly string[] {
  const admins: Readonly<Record<Family, string>> = {
    default: `cloud admins are those who hold \`${facts.adminRole}\` on a project or the system; nobody in a tenant does`,
    native: `cloud admins are those who hold \`${facts.adminRole}\` anywhere, as this release means it; nobody in a tenant does`,
    charm: "cloud admins are those that the base's `cloud_admin` allows; nobody else is Admin of the services' domain",
  }
  return [
    'Keystone fills credentials and targets as its code does; an action with an unknown target may have any target',
    'ids are those that Keystone makes: none is of two kinds at once, such as of a user and of a project',
    'only accounts of the cloud hold the role `service`',
    `${hasInferences ? 'roles imply each other as the file says' : 'roles imply each other as bootstrap of this release makes it, which an upgrade alone does not'}: ${renderInferences(facts.inferences)}`,
    'no other role implies one of these, and no user of a managed domain holds them: `audit` checks this',
    'no token is scoped to a project that is a domain: only a cloud admin could have granted a role there',
    admins[family],
    `the domain \`${magnumDomain}\` is Magnum's, and nobody in a tenant is its admin`,
    ...(facts.hasAdminProject ? ['`[resource] admin_project_name` is set, as the charm sets it'] : []),
    ...(hasFix(release, 'ossa-2026-015')
      ? []
      : ['below OSSA-2026-015 a request body may set any key, whatever the URL names']),
  ]
}
