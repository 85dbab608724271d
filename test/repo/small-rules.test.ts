import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { defaultManagedRoles, forbiddenRoles } from '../../src/policy/build/managed-roles.ts'
import { personaNames, personasOf } from '../../src/policy/model/persona.ts'
import { accountRoles } from '../../src/tenant/actors.ts'
import { neverManaged } from '../../src/tenant/cloud-facts.ts'

/*
 * Small rules that were written down again wherever they were needed, until the copies differed. Each has a home now, and what looks like a
 * copy elsewhere fails here. `simulator/` is a cloud of its own and shares no code with the client (.dependency-cruiser.cjs).
 */
type SmallRule = {
  readonly rule: string
  /** Files below src/ where it stands. */
  readonly homes: readonly string[]
  /** Files or folders below src/ where the same shape is something else, and what. */
  readonly others?: Readonly<Record<string, string>>
  readonly isCopy: (node: ts.Node) => boolean
  /** Copies as somebody would write them: they have to be seen. */
  readonly planted: readonly string[]
  /** What is no copy, and must not be taken for one. */
  readonly innocent?: readonly string[]
}

const personas = personasOf({
  adminRole: 'admin',
  adminDomain: 'admin_domain',
  servicesProject: 'services',
  hasAdminProject: false,
  inferences: [],
  magnumDomain: 'magnum',
})
/** Names that nobody would write by chance. */
const users = new Set(personas.map(({ user }) => user).filter((user) => user.startsWith('acme-')))

const rules: readonly SmallRule[] = [
  {
    rule: 'who is admin: isAdminRole, isSameRole, roleNamed, hasRoleName, adminRoleOf',
    homes: ['openstack/keystone/role-names.ts'],
    others: {
      'openstack/clouds.ts': 'an interface of the catalog',
      'policy/engine': 'oslo.policy itself, which compares all roles so',
      'policy/model/request-context.ts': 'a name in the list of operations, for whatever the cloud calls its admin',
    },
    isCopy: (node) =>
      (isComparison(node) && [node.left, node.right].some((side) => textOf(side)?.toLowerCase() === 'admin')) ||
      (isComparison(node) &&
        [node.left, node.right].some((side) => /role.*\.toLowerCase\(\)$/is.test(side.getText()))) ||
      (isCallOf(node, 'includes', 'has') &&
        elementsOf(receiverOf(node)).some((text) => text.toLowerCase() === 'admin')),
    planted: [
      "roles.some(({ name }) => name.toLowerCase() === 'admin')",
      "const isAdmin = 'Admin' === role",
      "held.filter((name) => name !== 'admin')",
      "['admin', 'manager'].includes(name.toLowerCase())",
      "new Set(['admin']).has(name)",
      'one.role.toLowerCase() === other.toLowerCase()',
    ],
    innocent: ['roles.some(isAdminRole)', "const row = { name: 'admin' }", "account('admin', role)"],
  },
  {
    rule: 'the evidence of a command is opened with the Keystone that it belongs to: openRunEvidence',
    homes: ['tenant/run-evidence.ts'],
    isCopy: (node) => ts.isCallExpression(node) && node.expression.getText() === 'openEvidence',
    planted: ['const evidence = await openEvidence(home.evidence, clock.now)'],
    innocent: ['openRunEvidence(context, command)', 'readEvidence(home.evidence)'],
  },
  {
    rule: 'which cloud openstacksdk would take is no choice of a command: chooseCloud',
    homes: ['openstack/clouds.ts', 'openstack/cloud-choice.ts'],
    others: { 'handover/open.ts': 'the only entry of a handover, which no environment reaches' },
    isCopy: (node) => ts.isCallExpression(node) && ['loadCloud', 'configOf'].includes(node.expression.getText()),
    planted: ['await loadCloud({ name: options.cloud }, sources)'],
    innocent: ['chooseCloud({ flag, file }, sources)'],
  },
  {
    rule: 'how clouds write admin, for policies: adminRoleNames',
    homes: ['policy/model/cloud-facts.ts'],
    isCopy: (node) =>
      ts.isArrayLiteralExpression(node) && ['admin', 'Admin'].every((name) => elementsOf(node).includes(name)),
    planted: ["[...new Set([adminRole, 'admin', 'Admin'])]"],
    innocent: ["['admin', 'manager']"],
  },
  {
    rule: 'what the accounts of a tenant hold, and a manager may grant: accountRoles, defaultManagedRoles',
    homes: ['tenant/actors.ts', 'policy/build/managed-roles.ts'],
    isCopy: (node) =>
      ts.isArrayLiteralExpression(node) &&
      elementsOf(node).length === accountRoles.length &&
      accountRoles.every((name) => elementsOf(node).includes(name)),
    planted: [
      "facts.managed_roles ?? ['member', 'load-balancer_member']",
      "new Set(['load-balancer_member', 'member'])",
    ],
    innocent: ["['reader', 'member']"],
  },
  {
    rule: 'what cloud.yaml leaves out: managedRolesOf, magnumDomainOf',
    homes: ['tenant/cloud-facts.ts'],
    isCopy: (node) =>
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
      /\b(?:managed_roles|magnum_domain)$/.test(node.left.getText()),
    planted: ["tenant.facts.magnum_domain ?? 'magnum'", 'facts?.managed_roles ?? accountRoles'],
    innocent: ['facts.clock_skew ?? 5'],
  },
  {
    rule: 'the account that makes trustees: magnumDomainAdmin',
    homes: ['tenant/cloud-facts.ts'],
    others: { 'policy/model/persona.ts': 'a persona; policy/ knows nothing of tenant/' },
    isCopy: (node) => isText(node) && /^magnum_domain_admin$|--user magnum_domain_admin/.test(node.text),
    planted: [
      "listUsers(session, { name: 'magnum_domain_admin' })",
      '`role add --user magnum_domain_admin --domain ${id}`',
    ],
  },
  {
    rule: 'the ids of requests: requestIdsOf',
    homes: ['openstack/exchange.ts'],
    isCopy: (node) =>
      isCallOf(node, 'map', 'flatMap') &&
      node.arguments.some(
        (asked) => ts.isArrowFunction(asked) && /^(?:\w+\.)?requestId(?: \?\? \[\])?$/.test(asked.body.getText()),
      ),
    planted: [
      'exchanges.flatMap(({ requestId }) => requestId ?? [])',
      'exchanges.map((exchange) => exchange.requestId).filter((id) => id !== undefined)',
    ],
    innocent: ['observations.map(({ requestId, ...rest }) => ({ ...rest, requestId }))'],
  },
  {
    rule: 'where clouds and tenants are kept: homeRoot, defaultRoot',
    homes: ['cli/home-root.ts', 'tenant/home.ts'],
    isCopy: (node) =>
      (isCallOf(node, 'join', 'resolve') && node.arguments.some((part) => textOf(part) === 'tenant-onboard')) ||
      (ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
        node.left.getText() === 'options.home'),
    planted: [
      'resolve(io.cwd, options.home ?? root)',
      "join(io.home, 'tenant-onboard')",
      "path.join(home, 'tenant-onboard')",
    ],
    innocent: ["new Command('tenant-onboard')"],
  },
  {
    rule: 'names of throwaways, and the runs in them: probeName, runNamed, whatNamed',
    homes: ['probes/throwaway/run.ts'],
    isCopy: (node) =>
      (isText(node) || ts.isRegularExpressionLiteral(node)) && node.text.includes('tenant-onboard-probe'),
    planted: [
      "name.startsWith('tenant-onboard-probe-')",
      'actor.replace(/^tenant-onboard-probe-/, "")',
      '`tenant-onboard-probe-${run}`',
    ],
  },
  {
    rule: 'fields of a throwaway in a domain: Throwaways.fields',
    homes: ['probes/throwaway/throwaways.ts'],
    isCopy: (node) => {
      if (!ts.isObjectLiteralExpression(node)) return false
      const value = (key: string): string =>
        node.properties.find(({ name }) => name?.getText() === key)?.getText() ?? ''
      const has = (key: string): boolean => value(key) !== ''
      return /\.name\(/.test(value('name')) && has('domain_id') && has('description')
    },
    planted: ['createUser(s, { name: throwaways.name("user"), domain_id: id, description: throwaways.description })'],
    innocent: ['createRole(s, { name: throwaways.name("role"), description: throwaways.description })'],
  },
  {
    rule: 'accounts that probes make: ThrowawayAccounts',
    homes: ['probes/throwaway/accounts.ts', 'rotation/secrets.ts', 'tenant/password.ts'],
    isCopy: (node) => isCallOf(node, 'generatePassword'),
    planted: ['new Secret(generatePassword(rule, options.random))'],
  },
  {
    rule: 'who the personas are: personasOf',
    homes: ['policy/model/persona.ts'],
    isCopy: (node) =>
      (ts.isStringLiteral(node) && users.has(node.text)) ||
      (ts.isArrayLiteralExpression(node) && personaNames.every((name) => elementsOf(node).includes(name))),
    planted: [
      "const accounts = [{ persona: 'domain-manager', user: 'acme-domain-admin', roles: ['manager'] }]",
      `const all = [${personaNames.map((name) => `'${name}'`).join(', ')}]`,
    ],
    innocent: ["personas: ['domain-manager', 'member']"],
  },
  {
    rule: 'the domains that an operator comes from, which no tenant may be: homeDomainsOf',
    homes: ['openstack/token.ts'],
    isCopy: (node) =>
      (ts.isArrayLiteralExpression(node) || ts.isBinaryExpression(node)) &&
      /\buserDomainId\b/.test(node.getText()) &&
      /\bprojectDomainId\b/.test(node.getText()),
    planted: ['new Set([token.userDomainId, token.projectDomainId])', 'id === userDomainId || id === projectDomainId'],
  },
  {
    rule: 'arithmetic of prefixes',
    homes: ['openstack/prefix.ts'],
    isCopy: (node) =>
      (ts.isImportDeclaration(node) &&
        (/'(?:ip-address|cidr-tools)'/.test(node.moduleSpecifier.getText()) || /\bBlockList\b/.test(node.getText()))) ||
      (ts.isBinaryExpression(node) && /^2n? \*\* \(?BigInt\(?32|^2 \*\* \(32\b/.test(node.getText())) ||
      (isText(node) && /^\/(?:32|128)$/.test(node.text)),
    planted: [
      "import { Address6 } from 'ip-address'",
      "import { overlapCidr } from 'cidr-tools'",
      "import { BlockList } from 'node:net'",
      'const size = 2 ** (32 - bits)',
      "const prefix = address.includes('/') ? address : `${address}/32`",
      'meet(`${source}/128`)',
    ],
    innocent: ["import { isIP } from 'node:net'", "fetch('/v3/32')"],
  },
]

type Found = { readonly file: string; readonly code: string }

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('simulator/'))
  .map((path) => sourceOf(path, readFileSync(join('src', path), 'utf8')))

const found = new Map(rules.map(({ rule }) => [rule, [] as Found[]]))
for (const file of files) for (const rule of rules) found.get(rule.rule)?.push(...copiesIn(file, rule))

test.each(rules)('there is no second copy of $rule', ({ rule, homes, others = {} }) => {
  const all = found.get(rule) ?? []
  const isBelow = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`)
  const allowed = [...homes, ...Object.keys(others)]
  expect(all.filter(({ file }) => !allowed.some((path) => isBelow(file, path)))).toEqual([])
  // a home that moved, and an exception for nothing, would hide the next copy
  expect(allowed.filter((path) => !all.some(({ file }) => isBelow(file, path)))).toEqual([])
})

test.each(rules)('a copy of $rule would be seen', (rule) => {
  for (const text of rule.planted)
    expect({ text, copies: copiesIn(sourceOf('planted.ts', text), rule).length > 0 }).toEqual({ text, copies: true })
  for (const text of rule.innocent ?? []) expect(copiesIn(sourceOf('innocent.ts', text), rule)).toEqual([])
})

test('policy/ and tenant/ know nothing of each other, and mean the same roles', () => {
  expect(defaultManagedRoles).toEqual(accountRoles)
  expect(forbiddenRoles).toEqual(neverManaged)
})

function sourceOf(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

function copiesIn(file: ts.SourceFile, { isCopy }: SmallRule): readonly Found[] {
  const copies: Found[] = []
  const visit = (node: ts.Node): void => {
    if (isCopy(node)) copies.push({ file: file.fileName, code: node.getText().slice(0, 120) })
    else node.forEachChild(visit)
  }
  visit(file)
  return copies
}

function isComparison(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
      node.operatorToken.kind,
    )
  )
}

/** `name(...)` and `x.name(...)`. */
function isCallOf(node: ts.Node, ...names: readonly string[]): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false
  const { expression: called } = node
  if (ts.isIdentifier(called)) return names.includes(called.text)
  return ts.isPropertyAccessExpression(called) && names.includes(called.name.text)
}

function receiverOf({ expression }: ts.CallExpression): ts.Node | undefined {
  return ts.isPropertyAccessExpression(expression) ? expression.expression : undefined
}

/** The texts in an array, or in the array that a Set is made of. */
function elementsOf(node: ts.Node | undefined): readonly string[] {
  if (node === undefined) return []
  if (ts.isNewExpression(node)) return elementsOf(node.arguments?.[0])
  return ts.isArrayLiteralExpression(node) ? node.elements.flatMap((element) => textOf(element) ?? []) : []
}

function textOf(node: ts.Node): string | undefined {
  return ts.isStringLiteralLike(node) ? node.text : undefined
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
}
