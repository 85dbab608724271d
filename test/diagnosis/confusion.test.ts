import { beforeAll, describe, expect, test } from 'vitest'
import { fc } from '../fast-check.ts'
import type { FaultName } from '../../src/simulator/faults.ts'
import { askForCluster, breakCloud, diagnose, logBarbican, onboard, withVault } from './broken-cloud.ts'
import type { Onboarded, Told } from './broken-cloud.ts'
import { causes } from './causes.ts'
import type { Cause } from './causes.ts'

/*
 * The confusion table: each cause is provoked, a cluster is asked for in it, and the diagnosis has to name that cause and no other. Then two
 * at once.
 */

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const
let withTemplate: Onboarded

beforeAll(async () => {
  withTemplate = await onboard(charmed, '--until', 'template')
})

async function provoke(...at: readonly Cause[]): Promise<Told> {
  const cloud = breakCloud(
    withTemplate,
    at.flatMap(({ faults = [] }): readonly FaultName[] => faults),
  )
  const byAutomation = at.some(({ asker }) => asker === 'automation')
  // what Magnum's API refuses at once would keep the cluster from being there at all
  if (byAutomation) await askForCluster(withTemplate, cloud, 'automation')
  for (const { harm } of at) harm?.(cloud)
  if (!byAutomation) await askForCluster(withTemplate, cloud)
  for (const { logged } of at) if (logged !== undefined) logBarbican(withTemplate, logged)
  const before = leftBehind(cloud.state)
  const isSeen = at.every(({ isVaultUnseen }) => isVaultUnseen !== true)
  const { told } = await diagnose(withTemplate, ...(isSeen ? withVault : []))
  expect(leftBehind(cloud.state)).toEqual(before)
  return told
}

/** Everything by count, but for tokens, which a sign-in makes. */
function leftBehind(state: object): unknown {
  return Object.entries(state)
    .filter(([name]) => name !== 'tokens' && name !== 'jobs')
    .map(([name, table]) => [name, table instanceof Map ? table.size : 0])
}

function codes({ findings }: Told): readonly string[] {
  return [...new Set(findings.map(({ code }) => code.replace('diagnosis/', '')))].sort()
}

describe('one cause', () => {
  test.each(causes.map((cause) => [cause.name, cause] as const))(
    '%s is found, and taken for no other',
    async (_, cause) => {
      const told = await provoke(cause)
      expect(codes(told)).toEqual([cause.finding])
      for (const { evidence, remedy, owner } of told.findings) {
        expect(evidence.some(({ requestIds }) => requestIds.length > 0)).toBe(true)
        expect(remedy).toBeDefined()
        expect(['operator', 'tenant']).toContain(owner)
      }
    },
  )
})

test('each experiment runs once, however many causes hang on it', async () => {
  const { experiments } = await provoke(...causes.slice(0, 1))
  expect(new Set(experiments.map(({ id }) => id)).size).toBe(experiments.length)
})

test('two causes at once are both found', async () => {
  const pairs = causes
    .flatMap((one, index) => causes.slice(index + 1).map((other) => [one, other] as const))
    .filter(([one, other]) => one.kind !== other.kind && !hides(one, other) && !hides(other, one))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pairs), async ([one, other]) => {
      expect(codes(await provoke(one, other))).toEqual([...new Set([one.finding, other.finding])].sort())
    }),
    { numRuns: Math.min(pairs.length, 60) },
  )
}, 120_000)

/** What the first makes invisible of the second, since nobody is left who could look. */
function hides(one: Cause, other: Cause): boolean {
  const needsAutomation = ['application-credential-trust', 'external-gateway-refused']
  if (one.name.includes('automation') && needsAutomation.includes(other.finding)) return true
  // an operator is shown a private image, flavor and network as well
  // who cannot list clusters sees none that failed
  if (one.kind === 'magnum' && other.finding === 'application-credential-trust') return true
  const needsCreator = ['cluster-type-unset', 'flavor-not-visible']
  return one.name === 'a creator with another password' && needsCreator.includes(other.finding)
}

test('a healthy tenant gives no finding, and leaves no cause undecided', async () => {
  const whole = await onboard(charmed)
  breakCloud(whole, [])
  const { code, told } = await diagnose(whole, ...withVault)
  expect(told.findings).toEqual([])
  expect(told.hypotheses.filter(({ verdict }) => verdict !== 'excluded')).toEqual([])
  expect(code).toBe(0)
})

test('so does one whose cluster is still to come', async () => {
  breakCloud(withTemplate, [])
  expect((await diagnose(withTemplate, ...withVault)).told.findings).toEqual([])
})
