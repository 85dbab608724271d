/**
 * Every cell of `policy matrix` on real Keystones of many releases: the question that Keystone asks oslo.policy has the
 * answer of the cell, and a request that the policy allows is refused only by a handler that the matrix names.
 */
import { describe, expect, test } from 'vitest'
import { answerOf } from '../../src/policy/model/answer.ts'
import { casesOf } from '../../src/policy/model/cases.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { handlerRefusalOf } from '../../src/policy/model/handler-refusals.ts'
import { renderRequest } from '../../src/policy/model/operation.ts'
import type { Ask } from '../../src/policy/model/operation.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Keystone } from '../../src/policy/releases/keystone.ts'
import { isSwept } from '../sweep-share.ts'
import { recordResult } from './release-results.ts'
import { findRelease, playAll, triedReleases } from './releases.ts'
import type { PlayedAnswer } from './releases.ts'
import { playedAsk } from './release-asks.ts'
import { worldOf } from './release-world.ts'

describe.concurrent.each(triedReleases)('Keystone %s', (name) => {
  test('answers every cell of the matrix', { timeout: 3_600_000 }, async (context) => {
    const on = await findRelease(name)
    if (typeof on === 'string') {
      process.stderr.write(`not compared: ${name}: ${on}\n`)
      context.skip(on)
      return
    }
    const keystone = await loadKeystone(parseRelease(on.package))
    const rules = keystoneRules(keystone)
    const world = await worldOf(on)
    const asks = casesOf(cloudFactsOf(rules, keystone.release), keystone).filter((_, index) => isSwept(index, 40))
    const answers = await playAll(
      on,
      asks.map((ask) => playedAsk(ask, world)),
    )
    const counts = { cells: 0, 'refused by a handler': 0 }
    const wrong = asks.flatMap((ask, index) => {
      const answer = answers[index]
      if (answer === undefined) return []
      const decided = answerOf(rules, ask.operation.action, ask.persona, ask.target)
      const refusal = handlerRefusalOf(ask, keystone.release)
      counts.cells += 1
      if (decided === 'allow' && refusal !== undefined) counts['refused by a handler'] += 1
      const problem = problemOf(ask, keystone, decided, refusal?.status, answer)
      return problem === undefined
        ? []
        : [`${ask.persona.name} ${ask.place} ${renderRequest(ask.request)} (${ask.operation.id}): ${problem}`]
    })
    await recordResult(on, { what: 'matrix', base: 'default', counts, wrong })
    expect(wrong).toEqual([])
    expect(counts.cells).toBe(asks.length)
    expect(counts.cells).toBeGreaterThan(30)
  })
})

function problemOf(
  { operation }: Ask,
  keystone: Keystone,
  decided: string,
  refusal: number | undefined,
  { status, message, asked }: PlayedAnswer,
): string | undefined {
  const answer = `${status} ${message}`
  const questions = asked.filter(({ action }) => action === operation.action)
  if (questions.length === 0) {
    if (keystone.unasked.includes(operation.action)) return status === 403 ? `refused: ${answer}` : undefined
    return status === refusal ? undefined : `the policy was not asked: ${answer}`
  }
  const isAllowed = questions.every(({ result }) => result)
  if (isAllowed !== (decided === 'allow'))
    return `the matrix says ${decided}, the policy ${String(isAllowed)}: ${answer}`
  if (!isAllowed) return undefined
  const isRefused = status === 401 || status === 403
  if (refusal !== undefined) return status === refusal ? undefined : `no handler refused: ${answer}`
  return isRefused ? `a handler refused that is not known: ${answer}` : undefined
}
