/**
 * Every request that the policy tools try, sent to a real Keystone by the real persona: refused where the tools say
 * refused, and let through the policy where they say allowed. A request that would change something is sent with a body
 * that Keystone refuses after the policy let it through, or not at all.
 */
import { readFile } from 'node:fs/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { casesOf } from '../../src/policy/model/cases.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import type { Ask, WireRequest } from '../../src/policy/model/operation.ts'
import { personasOf } from '../../src/policy/model/persona.ts'
import { isSwept } from '../sweep-share.ts'
import { at } from './ask.ts'
import { findKeystone, layOverride, removeOverrides } from './cloud.ts'
import type { LabKeystone } from './cloud.ts'
import { makePersonaAccounts } from './policy-personas.ts'
import type { PersonaAccounts } from './policy-personas.ts'

// These name an object that would have to exist first, or else the answer is 404 for every caller.
const needsObject =
  /_trust$|(?:get|delete)_application_credential$|_token$|ec2_(?:get|delete)|(?:get|update|delete)_credential$/

// Another role in the same place of the same clause.
const isRepetition = /_grant (?:load-balancer_member|reader) |revoke_grant (?:member|manager) /

const keystones = [
  { name: 'main', release: 'debian-22' },
  { name: 'charm', release: 'debian-22' },
  { name: 'native', release: 'debian-27' },
] as const

describe.each(keystones)('the $name Keystone, which is $release', ({ name, release }) => {
  afterAll(async () => removeOverrides(await findKeystone(name)))

  // thousands of requests, each a decision of its own
  test.each(['nothing', 'our override'])(
    'answers as the matrix says with %s over its base',
    async (laid) => {
      const { on, keystone, base } = await running(name, release)
      const { text } = buildOverride(keystone, { base })
      const facts = cloudFactsOf(keystoneRules(keystone, { base }), keystone.release)
      // the stage is set by an admin whom no override hinders
      await removeOverrides(on)
      const mark = `mx${Date.now().toString(36)}`
      const stage = await makePersonaAccounts(on, facts, mark)
      // Magnum's domain has a name of its own here, which the rule for it has to name
      const here = buildOverride(keystone, { base, magnumDomain: `${mark}-${facts.magnumDomain}` })
      if (laid !== 'nothing') await layOverride(on, here.text)
      const overrides = laid === 'nothing' ? [] : [{ file: 'override.yaml', text }]
      const rules = keystoneRules(keystone, { base, overrides })
      const questions = casesOf(facts, keystone)
        .filter(isTried)
        .flatMap((ask) => {
          const isAllowed = enforce(rules, ask.operation.action, ask.persona.creds, ask.target).kind === 'allow'
          const request = isAllowed ? harmless(ask, name === 'native') : ask.request
          return request === undefined ? [] : [{ ask, isAllowed, request: stage.translate(request) }]
        })
      const wrong: string[] = []
      const queue = questions.filter((_, index) => isSwept(index, 8)).values()
      const work = async (): Promise<void> => {
        for (const { ask, isAllowed, request } of queue) {
          const isRefused = await refuses(on, stage, ask, request)
          if (isRefused !== isAllowed) continue
          wrong.push(`${ask.persona.name} ${ask.place} ${ask.operation.id}: ${isRefused ? 'refused' : 'let through'}`)
        }
      }
      await Promise.all([work(), work(), work(), work()])
      expect(wrong).toEqual([])
      expect(questions.length).toBeGreaterThan(1500)
    },
    1_800_000,
  )

  test('gives the personas the roles that they are said to hold', async () => {
    const { on, keystone, base } = await running(name, release)
    await removeOverrides(on)
    const facts = cloudFactsOf(keystoneRules(keystone, { base }), keystone.release)
    const stage = await makePersonaAccounts(on, facts, `mr${Date.now().toString(36)}`)
    for (const persona of personasOf(facts)) {
      const held = new Set(stage.roles.get(persona.name))
      expect([persona.name, [...held].sort()]).toEqual([persona.name, [...persona.roles].sort()])
    }
  })
})

async function running(name: 'main' | 'charm' | 'native', release: string) {
  const on = await findKeystone(name)
  const keystone = await loadKeystone(parseRelease(release))
  const base: Base =
    name === 'charm'
      ? { kind: 'file', file: 'policy.json', text: await readFile(on.basePolicy, 'utf8') }
      : { kind: 'default' }
  return { on, keystone, base }
}

function isTried({ operation: { id, action } }: Ask): boolean {
  return !isRepetition.test(id) && (!needsObject.test(action) || action === 'identity:create_trust')
}

/** The request that changes nothing although it is allowed; 2025.1 looks at bodies before it looks at policies. */
function harmless({ request }: Ask, validatesFirst: boolean): WireRequest | undefined {
  const { method, body } = request
  if (method === 'GET' || method === 'HEAD') return request
  if (validatesFirst || body === undefined || method === 'PUT' || method === 'DELETE') return undefined
  const wrongTypes = { name: 5, enabled: 'x', impersonation: 'x', type: 5, password: 5 }
  const sent = JSON.parse(JSON.stringify(body)) as Record<string, object | string>
  const spoilt = Object.entries(sent).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : { ...value, ...wrongTypes },
  ])
  return { ...request, body: Object.fromEntries(spoilt) as Record<string, never> }
}

/** Whether the policy refused this action. A handler that says no later says so in other words. */
async function refuses(on: LabKeystone, stage: PersonaAccounts, ask: Ask, request: WireRequest): Promise<boolean> {
  const token = stage.tokens.get(ask.persona.name) ?? ''
  const answer = await fetch(`${on.url.replace(/\/v3$/, '')}${request.path}`, {
    method: request.method,
    headers: {
      'content-type': 'application/json',
      'x-auth-token': token,
      ...(request.headers === undefined ? {} : { 'x-subject-token': token }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
  const text = await answer.text()
  if (answer.status !== 403) return false
  if (request.method === 'HEAD') return true
  const message = at(JSON.parse(text), 'error.message')
  return typeof message === 'string' && message.includes(`action: ${ask.operation.action}.`)
}
