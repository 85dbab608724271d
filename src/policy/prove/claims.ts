/**
 * The claims. Each is a formula for the requests that would break it; docs/policy.md has them as text. A request that
 * names nothing that exists breaks none: Keystone answers 404 after the rule.
 */
import { callerDomain, callerDomainName, callerProject, callerProjectDomain, callerUser } from './caller.ts'
import type { Breach, Claim, ClaimName, Question, Refutation } from './claim.ts'
import { and, constant, equal, no, not, or, role, yes } from './formula.ts'
import type { Formula, Term } from './formula.ts'
import {
  differ,
  domainsOf,
  isAboutOthers,
  isCloudAdmin,
  isConfinedAdmin,
  isElsewhere,
  isNamed,
  isNone,
  isPlain,
  placesOf,
} from './power.ts'
import { classOf } from '../model/actions.ts'
import { adminRoleNames } from '../model/cloud-facts.ts'
import { rolesThatImply } from '../model/role-inferences.ts'
import { hasFix } from '../releases/release.ts'
import type { World } from './world.ts'

const grantChanges = ['identity:create_grant', 'identity:revoke_grant']
const systemGrants = ['create', 'revoke'].flatMap((verb) =>
  ['user', 'group'].map((whom) => `identity:${verb}_system_grant_for_${whom}`),
)
/** A manager reaches no other domain. Any token of a domain without admin or service counts as one. */
const managerElsewhere: Breach = (world, question) => {
  if (world.caller.kind !== 'domain') return no
  return and(
    isPlain(question),
    or(and(isElsewhere(domainsOf(world)), isAboutOthers(world)), listsAllDomains(world, question)),
  )
}

/** Without LP#2041611 Keystone does not filter this list by the token's domain (keystone dd785ee69). */
const listsAllDomains: Breach = (world, { release }) => {
  if (world.action !== 'identity:list_domains') return no
  if (hasFix(release, 'lp-2041611')) return no
  const name = world.real('filter_attr.name') ?? world.real('name')
  return name === undefined ? yes : not(equal(name, callerDomainName))
}

const managerGrantsMore: Breach = (world, question) => {
  if (world.caller.kind !== 'domain' || ![...grantChanges, ...systemGrants].includes(world.action)) return no
  return and(
    isPlain(question),
    systemGrants.includes(world.action) ? yes : not(isManagedRole(world, question.managedRoles)),
  )
}

/** One of them by name, and not a domain's own role of the same name. */
function isManagedRole(world: World, managedRoles: readonly string[]): Formula {
  return and(isNamed(world, 'target.role.name', managedRoles), isNone(world.real('target.role.domain_id')))
}

const escalation: Breach = (world, question) => and(not(isCloudAdmin(world, question)), escalates(world, question))

function escalates(world: World, question: Question): Formula {
  const { caller, action } = world
  if (action === 'identity:create_grant') return grantsPower(world, question)
  if (action.startsWith('identity:create_system_grant_for_')) return yes
  switch (action) {
    case 'identity:create_role':
    case 'identity:update_role':
    case 'identity:delete_role':
      return yes
    case 'identity:create_implied_role':
      return or(
        isNone(world.real('target.prior_role.domain_id')),
        isNamed(world, 'target.implied_role.name', ['service']),
      )
    case 'identity:delete_implied_role':
      return isNone(world.real('target.prior_role.domain_id'))
    // makes a token from any EC2 key, and an admin of one domain can make a key for any user
    case 'identity:ec2tokens_validate':
    case 'identity:s3tokens_validate':
      return not(role('service'))
    // a new password for, or a membership in a group of, an account that is not its own
    case 'identity:update_user':
    case 'identity:add_user_to_group':
      return caller.kind === 'domain' ? isElsewhere(placesOf(world)) : isAboutOthers(world)
    default:
      return no
  }
}

/** `admin` with more power than the caller has, and `service` anywhere. */
function grantsPower(world: World, question: Question): Formula {
  const { facts } = question
  const admin = isNamed(world, 'target.role.name', rolesThatImply(adminRoleNames(facts), facts.inferences))
  const own = question.family === 'charm' ? and(role(question.facts.adminRole), isAtHome(world)) : no
  return or(isNamed(world, 'target.role.name', ['service']), and(admin, not(own)))
}

/** Of all grants that break the claim, the most understandable one. */
const grantsAdmin: Breach = (world, { facts }) =>
  and(isNamed(world, 'target.role.name', [facts.adminRole]), isNone(world.real('target.role.domain_id')))

/** Admin on the cloud admins' scopes. */
const worstGrant: Breach = (world, question) => {
  if (world.action !== 'identity:create_grant') return yes
  const place = world.real('target.domain.id')
  return and(
    grantsAdmin(world, question),
    place === undefined ? no : equal(place, constant(question.facts.adminDomain)),
  )
}

/** In the caller's own domain, or on its own project. */
function isAtHome(world: World): Formula {
  if (world.caller.kind === 'domain') return or(...placesOf(world).map((place) => equal(place, callerDomain)))
  const project = world.real('target.project.id')
  return project === undefined ? no : equal(project, callerProject)
}

/** What a project's token must not do to the record of a domain, at `/v3/domains` or as a project. */
const readsDomains: Breach = (world, question) => {
  if (world.caller.kind !== 'project' && world.caller.kind !== 'admin-project') return no
  return and(
    not(isCloudAdmin(world, question)),
    or(touchesDomain(world), isNone(world.real('target.project.domain_id'))),
  )
}

function touchesDomain(world: World): Formula {
  switch (world.action) {
    case 'identity:get_domain':
      return differ(world.real('target.domain.id'), callerProjectDomain)
    case 'identity:list_domains':
    case 'identity:create_domain':
    case 'identity:update_domain':
    case 'identity:delete_domain':
      return yes
    default:
      return no
  }
}

/** The owner of a secret, and the key of its id. */
const secretOwners: Readonly<Record<string, string>> = {
  'identity:list_application_credentials': 'user_id',
  'identity:get_application_credential': 'user_id',
  'identity:delete_application_credential': 'user_id',
  'identity:ec2_list_credentials': 'user_id',
  'identity:ec2_get_credential': 'target.credential.user_id',
  'identity:ec2_delete_credential': 'target.credential.user_id',
  'identity:get_credential': 'target.credential.user_id',
  'identity:update_credential': 'target.credential.user_id',
  'identity:delete_credential': 'target.credential.user_id',
}

/** Readers of the system may see them by design. */
const readsSecrets: Breach = (world, question) => {
  const owner = secretOwners[world.action]
  if (owner === undefined || world.caller.kind === 'system') return no
  return and(isPlain(question), differ(world.real(owner), callerUser))
}

/** Nobody below cloud admin writes what the whole cloud uses. */
const writesCloud: Breach = (world, question) => {
  const known = classOf(world.action)
  // Of a custom action nothing is known, so it may be one.
  const isWrite = known === undefined || (known.of === 'cloud' && known.does === 'write')
  if (!isWrite) return no
  // A domain's own role may imply what that domain likes.
  const isDomains = /^identity:(?:create|delete)_implied_role$/.test(world.action)
  return and(isTenant(world, question), isDomains ? isNone(world.real('target.prior_role.domain_id')) : yes)
}

/** Whoever has no power over the cloud: not its admin, and not a service. */
const isTenant: Breach = (world, question) => and(not(isCloudAdmin(world, question)), isPlain(question))

/** Makes, changes or reads a credential of another account. Readers of the system may read them by design. */
const usesOthersCredentials: Breach = (world, question) => {
  const known = classOf(world.action)
  if (known?.credential === undefined) return no
  if (known.credential === 'reveals' && world.caller.kind === 'system') return no
  return and(isTenant(world, question), known.owners === undefined ? yes : isNobodyOf(world, known.owners))
}

/** Ends a session of another account, or what keeps it alive. */
const endsOthersSessions: Breach = (world, question) => {
  const known = classOf(world.action)
  if (known?.endsSession === undefined || known.owners === undefined || isGuarded(world, question)) return no
  return and(isTenant(world, question), isNobodyOf(world, known.owners))
}

/** The caller is none of them, and they are known. A request without an owner names nothing. */
function isNobodyOf(world: World, owners: readonly string[]): Formula {
  return and(...owners.map((owner) => differ(world.real(owner), callerUser)))
}

/**
 * An empty rule for a trust makes the handler compare the trustor itself. keystone 22.0.2 to 30.0.0,
 * keystone/api/trusts.py, TrueCheck.
 */
function isGuarded({ action }: World, { rules }: Question): boolean {
  return action === 'identity:delete_trust' && rules.rules.get(action)?.check.kind === 'true'
}

/**
 * An admin of one domain or project acts only in that domain: on its users, groups, projects, grants, and its record.
 */
const adminElsewhere: Breach = (world, question) => {
  const home = homeOf(world)
  if (home === undefined) return no
  const isCloud = ['create_domain', 'update_domain', 'delete_domain'].some(
    (name) => world.action === `identity:${name}`,
  )
  return and(
    isConfinedAdmin(world, question),
    isAboutOthers(world),
    not(isMagnumLooking(world, question)),
    or(isCloud ? yes : no, ...placesOf(world).map((place) => differ(place, home))),
  )
}

/** The admin of Magnum's domain reads the project of a quota (../build/magnum-quota.ts). */
const isMagnumLooking: Breach = ({ action, caller }, { magnumDomain }) =>
  action === 'identity:get_project' && caller.kind === 'domain' ? equal(callerDomainName, constant(magnumDomain)) : no

/** The domain of a caller by its scope. */
function homeOf({ caller }: World): Term | undefined {
  switch (caller.kind) {
    case 'domain':
      return callerDomain
    case 'project':
      return callerProjectDomain
    case 'admin-project':
    case 'system':
    case 'unscoped':
      return undefined
  }
}

const safety = [
  managerElsewhere,
  managerGrantsMore,
  escalation,
  readsDomains,
  readsSecrets,
  writesCloud,
  usesOthersCredentials,
  endsOthersSessions,
  adminElsewhere,
] as const

/** Such a loss is intended. */
const sanctioned: Breach = (world, question) => {
  const domains = domainsOf(world)
  const isBeyond = domains.length > 0 ? or(isElsewhere(domains), hasForeignRole(world)) : isKept(world) ? no : yes
  const isConfined = isConfinedAdmin(world, question)
  const isList = ['identity:list_application_credentials', 'identity:ec2_list_credentials'].includes(world.action)
  return or(
    ...safety.map((breach) => breach(world, question)),
    /_system_grants?_for_/.test(world.action) ? isConfined : no,
    world.caller.kind === 'domain' ? and(isConfined, or(isBeyond, namesNoDomain(world))) : no,
    isList ? differ(world.real('user_id'), callerUser) : no,
    and(not(isCloudAdmin(world, question)), isNone(world.real('target.project.domain_id'))),
    question.family === 'native' ? losesNative(world, question) : no,
  )
}

/** Keystone fills the domain in after the rule, so a rule that requires the own domain needs it in the request. */
function namesNoDomain(world: World): Formula {
  const member = /^identity:create_(user|project|group)$/.exec(world.action)?.[1]
  return member === undefined ? no : { kind: 'absent', group: `target.${member}.domain_id` }
}

/** If the persona is in the code, the override names its roles. */
function losesNative(world: World, { managedRoles }: Question): Formula {
  const isAboutRoles = [...grantChanges, 'identity:get_role'].includes(world.action)
  return isAboutRoles ? not(isManagedRole(world, managedRoles)) : no
}

function isKept({ action }: World): boolean {
  return keptByDomainAdmins.has(action)
}

/** What an admin of one domain does without naming a domain, and keeps. */
const keptByDomainAdmins = new Set(
  ['list_domains', 'list_roles', 'get_role', 'list_users', 'list_projects', 'list_groups', 'list_role_assignments']
    .concat(['create_credential', 'delete_credential'])
    .map((name) => `identity:${name}`),
)

function hasForeignRole(world: World): Formula {
  const domain = world.real('target.role.domain_id')
  return domain === undefined ? no : and(differ(domain, constant('None')), differ(domain, callerDomain))
}

const lost: Refutation = { decision: 'lost', breach: (world, question) => not(sanctioned(world, question)) }

/**
 * The callers that gain by an override: managers and admins of a domain there, trustors, and on a charm the services
 * project.
 */
const loosened: Refutation = { decision: 'gained', breach: (world, question) => not(isMeantToGain(world, question)) }

const isMeantToGain: Breach = (world, question) => {
  const { caller, action } = world
  const steward = caller.kind === 'domain' ? or(role('manager'), role(question.facts.adminRole)) : no
  const trustor = action === 'identity:create_trust' ? isOwnTrust(world) : no
  const isCredential = /^identity:(?:get|list|delete)_application_credentials?$/.test(action)
  const isNativeRead = question.family === 'native' && action === 'identity:get_role'
  return or(steward, trustor, isCredential ? isCloudAdmin(world, question) : no, isNativeRead ? role('manager') : no)
}

function isOwnTrust(world: World): Formula {
  const trustor = world.real('target.trust.trustor_user_id') ?? world.real('trust.trustor_user_id')
  return trustor === undefined ? no : equal(trustor, callerUser)
}

function never(breach: Breach, prefer?: Breach): readonly Refutation[] {
  return [{ decision: 'allowed', breach, ...(prefer === undefined ? {} : { prefer }) }]
}

/** What must be possible, and for which callers. */
function always(action: string, breach: Breach): Refutation {
  return { decision: 'denied', actions: [action], breach }
}

const claims: Readonly<Record<ClaimName, Omit<Claim, 'name'>>> = {
  'manager-stays-home': { title: 'a domain manager reaches no other domain', refutations: never(managerElsewhere) },
  'manager-grants': {
    title: 'a domain manager grants and revokes nothing beyond the managed roles',
    refutations: never(managerGrantsMore, grantsAdmin),
  },
  'no-escalation': { title: 'nobody below cloud admin gains admin', refutations: never(escalation, worstGrant) },
  'domain-records': {
    title: "no project's token reads or changes the record of a domain, except its own",
    refutations: never(readsDomains),
  },
  secrets: { title: "nobody but an admin or a service reads another's credentials", refutations: never(readsSecrets) },
  trusts: {
    title: 'a trust is made by its trustor and by nobody else',
    refutations: [
      // for any roles: those are compared with what the trustor holds
      always('identity:create_trust', (world) => (world.caller.kind === 'project' ? isOwnTrust(world) : no)),
      // the handler compares them once more, so a forged body gains nothing
      {
        decision: 'allowed',
        actions: ['identity:create_trust'],
        breach: (world) => (world.isForged ? no : not(isOwnTrust(world))),
      },
    ],
  },
  'domain-admin': {
    title: "Magnum's domain admin makes its trustees in its own domain, and acts nowhere else",
    refutations: [
      ...['identity:create_user', 'identity:delete_user'].map((action) =>
        always(action, (world, question) => {
          const domain = world.real('target.user.domain_id')
          if (world.caller.kind !== 'domain' || domain === undefined) return no
          return and(role(question.facts.adminRole), equal(domain, callerDomain))
        }),
      ),
      ...never(adminElsewhere),
    ],
  },
  'cloud-wide': {
    title: 'nobody in a tenant writes what the whole cloud uses',
    refutations: never(writesCloud),
  },
  'others-credentials': {
    title: "nobody in a tenant makes, changes or reads another's credential",
    refutations: never(usesOthersCredentials),
  },
  'others-sessions': {
    title: "nobody in a tenant ends another's session",
    refutations: never(endsOthersSessions),
  },
  'nothing-lost': {
    title: 'no persona lost what the base allowed, except for what these claims close',
    refutations: [lost],
  },
  'nothing-loosened': {
    title: 'nobody but domain managers, admins of a domain, trustors and Magnum gained anything',
    refutations: [loosened],
  },
}

export function claimOf(name: ClaimName): Claim {
  return { name, ...claims[name] }
}
