import { expect, test } from 'vitest'
import { stagesThrough } from '../../src/onboarding/stage.ts'
import { stages } from '../../src/onboarding/stages.ts'
import { operatorStages } from '../../src/onboarding/stages/envelope.ts'
import type { StageName } from '../../src/tenant/stage.ts'

const all = stages.map(({ name }) => name)

test.each<readonly [string, readonly (StageName | undefined)[], readonly StageName[]]>([
  ['no limit', [], all],
  ['limits that are absent', [undefined, undefined], all],
  ['one limit', ['self-service'], ['domain', 'self-service']],
  ['the earlier of two', ['network', 'isolation'], ['domain', 'self-service', 'isolation']],
  ['one of two absent', [undefined, 'domain'], ['domain']],
  ['a limit before the first', ['preflight'], []],
  ['the last stage', ['cluster'], all],
])('%s', (_, limits, names) => {
  expect(stagesThrough(stages, ...limits).map(({ name }) => name)).toEqual(names)
})

test('a limit that is no stage of these is a place in the order all the same', () => {
  expect(stagesThrough(operatorStages, 'network')).toEqual(operatorStages)
})
