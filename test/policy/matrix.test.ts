import { expect, test } from 'vitest'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { csv } from '../../src/cli/output.ts'
import { matrixOf, matrixTable, renderMatrix } from '../../src/policy/matrix.ts'
import type { Matrix } from '../../src/policy/matrix.ts'
import type { PersonaName } from '../../src/policy/model/persona.ts'
import type { TargetPlace } from '../../src/policy/model/request-context.ts'
import { charm, keystoneOf, plain, scsOverride } from './fixtures.ts'

async function matrixFor(release: string, base: Base, override?: string): Promise<Matrix> {
  const keystone = await keystoneOf(release)
  const overrides = override === undefined ? [] : [{ file: 'override.yaml', text: override }]
  return matrixOf(keystone, keystoneRules(keystone, { base }), keystoneRules(keystone, { base, overrides }))
}

function answer({ rows }: Matrix, operation: string, place: TargetPlace, persona: PersonaName): string | undefined {
  return rows.find((row) => row.operation === operation && row.place === place)?.answers[persona]
}

// What a real Keystone answered: 2xx is allow, 403 is deny. The charm's template on 2024.1 above OSSA-2026-015.
test.each([
  ['identity:create_user', 'own', 'domain-admin', 'deny'],
  ['identity:create_user', 'own', 'cloud-admin', 'allow'],
  ['identity:delete_user', 'own', 'domain-admin', 'allow'],
  ['identity:delete_user', 'other', 'domain-admin', 'deny'],
  ['identity:get_domain', 'own', 'domain-admin', 'allow'],
  ['identity:get_domain', 'other', 'domain-admin', 'deny'],
  ['identity:create_trust', 'self', 'member', undefined],
  ['identity:create_system_grant_for_user admin', 'own', 'domain-admin', 'allow'],
  ['identity:update_project', 'none', 'project-admin', 'allow'],
  ['identity:get_project', 'none', 'member', 'deny'],
] as const)('charm: %s on %s by %s: %s', async (operation, place, persona, expected) => {
  expect(answer(await matrixFor('2024.1+ossa-2026-015', charm), operation, place, persona)).toBe(expected)
})

// The same Keystone with the published scs-0302-w1 file over it.
test.each([
  ['identity:create_user', 'own', 'domain-admin', 'allow'],
  ['identity:create_user', 'own', 'domain-manager', 'allow'],
  ['identity:create_user', 'other', 'domain-manager', 'deny'],
  ['identity:create_grant member to a user on a project', 'own', 'domain-manager', 'allow'],
  ['identity:create_grant admin to a user on a project', 'own', 'domain-manager', 'deny'],
  ['identity:create_grant manager to a user on a domain', 'own', 'domain-manager', 'deny'],
  ['identity:get_project', 'none', 'member', 'allow'],
] as const)('scs over charm: %s on %s by %s: %s', async (operation, place, persona, expected) => {
  const matrix = await matrixFor('2024.1+ossa-2026-015', charm, scsOverride())
  expect(answer(matrix, operation, place, persona)).toBe(expected)
})

// The native persona grants member and reader, and not load-balancer_member.
test.each([
  ['identity:create_grant member to a user on a project', 'allow'],
  ['identity:create_grant manager to a user on a project', 'allow'],
  ['identity:create_grant load-balancer_member to a user on a project', 'deny'],
  ['identity:create_grant admin to a user on a project', 'deny'],
])('2025.1: %s by a domain manager: %s', async (operation, expected) => {
  expect(answer(await matrixFor('2025.1+oct-2026', plain), operation, 'own', 'domain-manager')).toBe(expected)
})

test('a trust needs its own trustor, and the charm refuses even that above the fix', async () => {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const self = (base: Base) => {
    const rules = keystoneRules(keystone, { base })
    return answer(matrixOf(keystone, rules, rules, { places: ['self'] }), 'identity:create_trust', 'self', 'member')
  }
  expect(self(charm)).toBe('deny')
  expect(self(plain)).toBe('allow')
})

test('a `target` in the body lets a manager grant admin below the fix and not above it', async () => {
  const operation = 'identity:create_grant admin with a target in the body'
  const below = await matrixFor('2024.2', plain)
  const above = await matrixFor('2024.2+ossa-2026-015', plain)
  expect(answer(below, operation, 'other', 'domain-manager')).toBe('allow')
  expect(answer(above, operation, 'other', 'domain-manager')).toBe('deny')
})

test('an action whose target is not known is answered only where the target does not matter', async () => {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const base = keystoneRules(keystone)
  const text = 'identity:create_region: role:admin\nidentity:delete_region: domain_id:%(region.domain_id)s\n'
  const rules = keystoneRules(keystone, { overrides: [{ file: 'o.yaml', text }] })
  const matrix = matrixOf(keystone, base, rules, { only: '_region' })
  expect(answer(matrix, 'identity:create_region', 'none', 'cloud-admin')).toBe('allow')
  expect(answer(matrix, 'identity:create_region', 'none', 'member')).toBe('deny')
  expect(answer(matrix, 'identity:delete_region', 'none', 'cloud-admin')).toBe('unknown')
})

test('as a table and as CSV', async () => {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const rules = keystoneRules(keystone, { base: charm })
  const matrix = matrixOf(keystone, rules, rules, {
    only: 'identity:delete_user',
    personas: ['cloud-admin', 'domain-admin'],
  })
  expect(renderMatrix(matrix)).toBe(
    [
      'unmaintained/2024.1 --fixes ossa-2026-015; each cell: own, other, none; + allowed, - refused, h allowed by the policy and refused by a handler, ! error, ? unknown, . not asked there',
      '  CA  cloud-admin: admin on the admin project',
      '  DA  domain-admin: admin on one domain, such as magnum_domain_admin',
      'roles imply as bootstrap of this release makes it (assumed): Admin > manager, manager > member, member > reader',
      '',
      '             CA   DA',
      'delete_user  +++  +--',
      '',
    ].join('\n'),
  )
  expect(csv(matrixTable(matrix))).toBe(
    [
      'operation,action,place,request,cloud-admin,domain-admin',
      'identity:delete_user,identity:delete_user,own,DELETE /v3/users/ADMIN_DOMAIN_ID-alice,allow,allow',
      'identity:delete_user,identity:delete_user,other,DELETE /v3/users/globex-alice,allow,deny',
      'identity:delete_user,identity:delete_user,none,DELETE /v3/users/nobody,allow,deny',
      '',
    ].join('\n'),
  )
})

test('a cell with a comma or a quote is quoted in CSV', async () => {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const rules = keystoneRules(keystone)
  const matrix = matrixOf(keystone, rules, rules, { only: 'identity:create_domain', personas: ['reader'] })
  expect(csv(matrixTable(matrix))).toContain('"POST /v3/domains {""domain"":{""name"":""new""}}",deny')
})

test('no cell of CSV is a formula', () => {
  const evil = '=HYPERLINK("https://evil.test")'
  const cells = ['+1', '-1', '@SUM(1)', evil]
  const rows = cells.map((operation) => ({ operation, action: 'a', place: 'b', request: operation, answers: {} }))
  // INVARIANT: only these fields are rendered
  const text = csv(matrixTable({ personas: [], rows } as unknown as Matrix))
  expect(text.split('\n').slice(1, 4)).toEqual(["'+1,a,b,'+1", "'-1,a,b,'-1", "'@SUM(1),a,b,'@SUM(1)"])
  expect(text).toContain(`"'=HYPERLINK(""https://evil.test"")"`)
})

test('a cell says where a handler refuses what the policy allows, and which one', async () => {
  const keystone = await keystoneOf('27.1.0')
  const rules = keystoneRules(keystone)
  const cellOf = (name: string, matrix: Matrix) =>
    matrix.rows.find(({ operation, place }) => operation === 'identity:delete_domain' && place === name)
  const matrix = matrixOf(keystone, rules, rules, { only: 'delete_domain', personas: ['cloud-admin', 'member'] })
  expect(cellOf('other', matrix)).toMatchObject({
    answers: { 'cloud-admin': 'allow', member: 'deny' },
    handlerRefusals: { 'cloud-admin': { status: 403 } },
  })
  expect(cellOf('other', matrix)?.handlerRefusals).not.toHaveProperty('member')
  expect(renderMatrix(matrix)).toContain('delete_domain: a domain that is enabled cannot be deleted (403; keystone ')
  // data alone: the console's worker hands it over
  expect(structuredClone(matrix)).toEqual(matrix)
  // the same persona, where no handler refuses
  const read = matrixOf(keystone, rules, rules, { only: 'get_domain', personas: ['cloud-admin'] })
  expect(read.rows.every(({ handlerRefusals }) => Object.keys(handlerRefusals).length === 0)).toBe(true)
})
