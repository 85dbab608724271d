import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operatorPoints } from '../../src/self-service/operator-points.ts'

const read = (path: string): string => readFileSync(join('src', path), 'utf8')

/** Where onboarding signs in as an operator, or is handed one. */
const users = readdirSync('src/onboarding', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `onboarding/${path}`)
  .filter((path) => /actor: 'operator'|Session<'operator'>/.test(read(path)))

test('each place where onboarding uses an operator is in the list of the clean room', () => {
  // these pass a session or a proof on, or are what an operator does for a tenant that is handed over
  const passingOn = new Set(
    ['preflight.ts', 'run.ts', 'shared-proof.ts', 'stages/envelope.ts'].map((path) => `onboarding/${path}`),
  )
  const listed = new Set(operatorPoints.map(({ source }) => source))
  expect(users.filter((path) => !listed.has(path) && !passingOn.has(path))).toEqual([])
  // and it lists no place that is gone
  expect([...listed].filter((path) => !users.includes(path))).toEqual([])
})
