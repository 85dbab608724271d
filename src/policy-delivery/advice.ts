/** What the signs of a cloud mean for its override, and the next steps. Pure. */
import { hasRoleName } from '../openstack/keystone/role-names.ts'
import type { Finding } from '../finding.ts'
import { decisiveFixes } from '../policy/build/beyond-rules.ts'
import type { BuiltFor } from '../policy/build/command.ts'
import type { Base } from '../policy/releases/keystone.ts'
import { carriersOf, isSince, renderRelease, seriesOf } from '../policy/releases/release.ts'
import type { Fix, Release } from '../policy/releases/release.ts'
import type { Signs } from './advise.ts'
import { someCells } from './observe.ts'
import { unlikeBootstrap } from './role-inferences.ts'

/**
 * - `native`: Keystone's own, with no known override
 * - `override`: by the policy over the base
 * - `hidden`: the release has it, but the charm's policy.json hides it
 * - `absent`: neither
 */
export type PersonaFrom = 'native' | 'override' | 'hidden' | 'absent'

export type Advice = {
  readonly persona: PersonaFrom
  /** Packages with the same answers as this cloud. */
  readonly releaseNames: readonly Release[]
  /** The same, with the fixes that were put into them, as for `--base`. */
  readonly releases: readonly string[]
  /** The one that everything is said of: none of the others has fewer fixes. */
  readonly release: string | undefined
  readonly base: 'default' | 'charm' | 'file' | 'unknown'
  readonly findings: readonly Finding[]
  /** In order; each a command, as it is typed, or what to know about the next one. */
  readonly steps: readonly string[]
}

/** What the commands of the advice are made of. */
export type Asked = {
  readonly managedRoles: readonly string[]
  readonly magnumDomain: string
  /** The base, if the operator has named its file. */
  readonly base: Base | undefined
  /** A command, as it is typed for this cloud. */
  readonly command: (name: 'advise' | 'attach' | 'build' | 'rollback', builtFor?: BuiltFor) => string
}

export function adviceFor(signs: Signs, asked: Asked): Advice {
  const { managedRoles } = asked
  const { nearest, hasPersona } = signs
  const known = [...new Set(nearest.map(({ name }) => name))]
  const bases = [...new Set(nearest.map(({ base }) => base))]
  // a file that the operator named is what Keystone reads, also where a base that we know answers alike
  const base = bases.includes('file') ? 'file' : bases.length === 1 ? (bases[0] ?? 'unknown') : 'unknown'
  const isOverridden = nearest.length > 0 && nearest.every(({ hasOverride }) => hasOverride)
  const persona = personaFrom(signs, isOverridden, base === 'charm', known)
  const releases = [...new Set(nearest.map(({ release }) => release))]
  const lacking = managedRoles.filter((role) => !hasRoleName(signs.grantable, role))
  const surplus = signs.grantable.filter((role) => !hasRoleName(managedRoles, role))
  const about: About = { signs, persona, base, releases, lacking, surplus, hasPersona, asked }
  const release = signs.worst === undefined ? undefined : renderRelease(signs.worst)
  return { persona, releaseNames: known, releases, release, base, findings: findingsOf(about), steps: stepsFor(about) }
}

type About = {
  readonly signs: Signs
  readonly persona: PersonaFrom
  readonly base: Advice['base']
  readonly releases: readonly string[]
  /** Managed roles that a domain manager cannot grant, and others that it can. */
  readonly lacking: readonly string[]
  readonly surplus: readonly string[]
  readonly hasPersona: boolean
  readonly asked: Asked
}

function personaFrom(
  { hasPersona, validatesFirst, nearest }: Signs,
  isOverridden: boolean,
  isCharmed: boolean,
  known: readonly Release[],
): PersonaFrom {
  if (hasPersona && isOverridden) return 'override'
  const isNative = known.length > 0 && known.every(hasNativePersona)
  // answers that match no known rules come from an unnamed override
  const isPlain = (nearest[0]?.strange.length ?? 0) === 0
  if (hasPersona) return isNative && !isCharmed && isPlain ? 'native' : 'override'
  return isCharmed && (validatesFirst === true || isNative) ? 'hidden' : 'absent'
}

/** keystone 69d1897d0 (2024-07-15), in 2024.2. */
function hasNativePersona(name: Release): boolean {
  return isSince({ name }, '2024.2')
}

function findingsOf({ signs, persona, base, lacking, surplus }: About): readonly Finding[] {
  const { fixes, untold, nearest, enforcesScope, enforcesNewDefaults } = signs
  const finding = (code: string, severity: Finding['severity'], message: string, remedy: string): Finding => ({
    code,
    severity,
    where: 'keystone',
    message,
    remedy,
    owner: 'operator',
  })
  const findings: Finding[] = []
  if (fixes['ossa-2026-015'] === false)
    findings.push(
      finding(
        'delivery/unsafe-level',
        'error',
        'this Keystone is below OSSA-2026-015: a `target` in the body of a request replaces the target of the rules, so a domain manager can make itself admin under any policy',
        'update Keystone before you give anybody `manager` on a domain',
      ),
    )
  if (fixes['ossa-2025-002'] === false)
    findings.push(
      finding(
        'delivery/unasked-exchange',
        'error',
        'this Keystone exchanges EC2 and S3 signatures for tokens without asking a rule (OSSA-2025-002), or its policy lets everybody do so: anyone who can make a key for an account, or has a signed URL of it, acts as that account',
        'update Keystone: no rule and no override can refuse what Keystone does not ask',
      ),
    )
  if (persona === 'hidden')
    findings.push(
      finding(
        'delivery/hidden-persona',
        'warning',
        "this release has the domain manager, but the charm's policy.json hides it: without an override a manager is refused everything",
        'keep the override; upgrading a charmed Keystone does not retire it',
      ),
    )
  if (base === 'charm')
    findings.push(
      finding(
        'delivery/json-fallback',
        'info',
        "the charm's base is found because Keystone falls back from policy.yaml to policy.json; oslo.policy 5.0, part of 2026.1, does not, and the charm's rules then end without a message",
        'run `tenant-onboard policy advise` again right after that upgrade, before tenants can sign in',
      ),
    )
  if (persona === 'native' && lacking.length > 0)
    findings.push(
      finding(
        'delivery/native-lacks-role',
        'warning',
        `Keystone's own domain manager cannot grant ${lacking.map((role) => `\`${role}\``).join(', ')}: as released, \`domain_managed_target_role\` has only manager, member and reader${surplus.includes('manager') ? ', so a manager can make more managers' : ''}`,
        'one rule fixes this: the steps below build and attach it',
      ),
    )
  const unseen = decisiveFixes.filter((fix) => fixes[fix] === undefined)
  if (unseen.length > 0)
    findings.push(
      finding(
        'delivery/level-not-shown',
        'unknown',
        `it is not shown whether this Keystone has ${unseen.join(', ')}: the probes of the fixes got no answer, or no application credential could be made`,
        'run `tenant-onboard policy advise` again; until then take the Keystone for one without the fixes',
      ),
    )
  if (untold.length > 0)
    findings.push(
      finding(
        'delivery/fixes-not-told',
        'info',
        `no request tells whether this Keystone has ${untold.join(', ')}: everything here speaks for one without`,
        'if you know the installed package, name it: `--base RELEASE`',
      ),
    )
  if (signs.unanswered.length > 0)
    findings.push(
      finding(
        'delivery/unanswered',
        'unknown',
        `${signs.unanswered.length} questions got no answer, so these are not compared: ${someCells(signs.unanswered)}`,
        'run `tenant-onboard policy advise` again when Keystone answers',
      ),
    )
  const strange = nearest[0]?.strange ?? []
  if (strange.length > 0)
    findings.push(
      finding(
        'delivery/unlike-any',
        'unknown',
        `${strange.length} of ${signs.compared} answers match no release with the known override: ${someCells(strange)}`,
        'name the base policy file (`--base FILE`) and the override (`--override FILE`), if there are any',
      ),
    )
  if (enforcesScope === false || enforcesNewDefaults === false)
    findings.push(
      finding(
        'delivery/old-defaults',
        'info',
        `observed: enforce_scope ${message(enforcesScope)}, enforce_new_defaults ${message(enforcesNewDefaults)}; scs-0302-v1 requires both true for Keystone's own domain manager`,
        persona === 'native'
          ? 'set both in `[oslo_policy]` of keystone.conf'
          : 'nothing to do while the persona comes from an override',
      ),
    )
  const { rows, findings: implied } = signs.implied
  findings.push(...implied, ...(signs.worst === undefined ? [] : unlikeBootstrap(rows, signs.worst)))
  return [...findings, ...signs.leftovers]
}

function message(value: boolean | undefined): string {
  return value === undefined ? 'unknown' : value ? 'true' : 'false'
}

function stepsFor(about: About): readonly string[] {
  const { signs, persona, base, releases, lacking, surplus, asked } = about
  const missing = decisiveFixes.filter((fix) => signs.fixes[fix] === false)
  if (missing.length > 0) return [updateFor(about, missing)]
  const tooMuch = signs.implied.findings.flatMap(({ severity, remedy }) => (severity === 'error' && remedy) || [])
  if (tooMuch.length > 0)
    return [`let roles imply no more than their names say: ${tooMuch.join('; ')}`, asked.command('advise')]
  const release = signs.worst
  const file = base === 'file' ? asked.base : undefined
  const known = base === 'default' || base === 'charm' ? ({ kind: base } as const) : file
  if (release === undefined || known === undefined)
    return [
      `${asked.command('advise')} --base FILE (FILE: the policy file that this Keystone reads, such as /etc/keystone/policy.json): without it the base is unknown`,
    ]
  const which =
    releases.length === 1
      ? []
      : [
          `if you know the installed package, write it for \`${renderRelease(release)}\`: ${someOf(releases)} answer alike here`,
        ]
  const built = { ...asked, release, base: known }
  const make = [asked.command('build', built), asked.command('attach', built)]
  switch (persona) {
    case 'native':
      return lacking.length === 0 && surplus.length === 0
        ? ['nothing: no override is needed here']
        : [...make, ...which, 'this is one rule: it names the managed roles']
    case 'override':
      return [...retirement(signs, base, asked, make), ...which]
    case 'hidden':
      return [...make, ...which, 'keep it after every upgrade, as long as the charm has its policy.json']
    case 'absent':
      return [...make, ...which]
  }
}

function updateFor({ signs }: About, missing: readonly Fix[]): string {
  const series = [...new Set(signs.nearest.map(({ keystone }) => seriesOf(keystone)))]
  const carriers = series
    .flatMap((one) => carriersOf(missing[0] ?? 'ossa-2026-015', one))
    .filter((name) => missing.every((fix) => carriersOf(fix, seriesOf({ name })).includes(name)))
  const which =
    carriers.length === 0
      ? 'no published package of this series has it, so take the next series or a back-port'
      : `${someOf(carriers)} ${carriers.length === 1 ? 'has' : 'have'} it`
  return `update Keystone to a package with ${missing.join(' and ')} (${which}), then run \`tenant-onboard policy advise\` again; before that no override holds, so build and attach none`
}

/** Four names, or the first, the last and how many. */
export function someOf(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ')
  return `${names[0] ?? ''} to ${names.at(-1) ?? ''} (${names.length} packages)`
}

/** When to retire the override, and what replaces it. */
function retirement(signs: Signs, base: Advice['base'], asked: Asked, make: readonly string[]): readonly string[] {
  if ((signs.nearest[0]?.strange.length ?? 0) > 0)
    return [
      `${asked.command('advise')} --override FILE (and --base FILE, if there is a base policy): without them it is unknown when to retire the override`,
    ]
  // if in doubt, assume the older release, and keep the override
  const isOld = !signs.nearest.every(({ name }) => hasNativePersona(name))
  const again = ['after every update of Keystone, and after every change of its base:', ...make]
  if (base === 'charm')
    return ["keep it: the charm's policy.json hides Keystone's own domain manager, in 2024.2 and later too", ...again]
  if (isOld)
    return [
      'keep it: this release has no domain manager of its own; 2024.2 is the first with one',
      ...again,
      'at the upgrade to 2024.2 or later, one rule is enough: undo this one, and ask again',
      asked.command('rollback'),
      asked.command('advise'),
    ]
  return [
    'this release has the domain manager itself: it only needs one rule over it, which names the managed roles',
    'anything more in the current override is for an older release: undo it first, if it was attached from here',
    asked.command('rollback'),
    ...make,
  ]
}
