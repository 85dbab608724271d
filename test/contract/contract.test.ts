/**
 * One set of stories on two clouds. Where they differ, docs/simulator.md says so and why; a difference that is not in its
 * table fails here, and so does a row that no longer happens.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, fetch as fetchWith } from 'undici'
import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { delegationStory, managerStory, operatorStory, tenantStory } from './identity.ts'
import { differences } from './transcript.ts'
import { findKeystone, findLab, layOverride, removeOverrides } from '../lab/cloud.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { parseTable } from './table.ts'
import { tell } from './side.ts'
import { computeStory, imageStory, loadBalancerStory, secretStory, volumeStory } from './services.ts'
import { clusterStory } from './cluster.ts'
import { networkStory } from './network.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { LabKeystone } from '../lab/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import type { Side, Story } from './side.ts'

const STORIES: readonly (readonly [name: string, keystone: 'main' | 'charm' | 'native', story: Story])[] = [
  ['operator', 'main', operatorStory],
  ['tenant', 'main', tenantStory],
  ['delegation', 'main', delegationStory],
  ['operator under the charm', 'charm', operatorStory],
  ['tenant under the charm', 'charm', tenantStory],
  ['delegation under the charm', 'charm', delegationStory],
  ['operator on 2025.1', 'native', operatorStory],
  ['tenant on 2025.1', 'native', tenantStory],
  ['delegation on 2025.1', 'native', delegationStory],
  ['network', 'main', networkStory],
  ['compute', 'main', computeStory],
  ['image', 'main', imageStory],
  ['volume', 'main', volumeStory],
  ['load balancer', 'main', loadBalancerStory],
  ['secret', 'main', secretStory],
  ['cluster', 'main', clusterStory],
]

const SEEDS: Readonly<Record<'main' | 'charm' | 'native', Seed>> = {
  main: { preset: 'zed-patched' },
  charm: { preset: 'zed-patched', base: 'charm' },
  native: { preset: 'epoxy', release: 'debian-27' },
}

const table = parseTable(await readFile(join(import.meta.dirname, '../../docs/simulator.md'), 'utf8'))

function labSide(keystone: LabKeystone): Side {
  const { username: name, password, userDomain, project, projectDomain, role } = keystone.admin
  return {
    authUrl: keystone.url,
    admin: { name, password, userDomain, project, projectDomain, role },
    send: sendTwice,
  }
}

let trusting: Promise<Agent> | undefined

/** The lab's own CA. */
function lab(): Promise<Agent> {
  trusting ??= findLab().then(async ({ ca }) => new Agent({ connect: { ca: await readFile(ca, 'utf8') } }))
  return trusting
}

/** The lab's Keystones now and then close a connection that was about to be used again: once more, then. */
async function sendTwice(request: Request): Promise<Response> {
  const { method, url } = request
  const text = await request.text()
  const headers = Object.fromEntries(request.headers)
  const send = async (): Promise<Response> => {
    const body = text === '' ? {} : { body: text }
    const answer = await fetchWith(url, { method, headers, redirect: 'manual', dispatcher: await lab(), ...body })
    const said = await answer.text()
    return new Response(said === '' ? null : said, {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
    })
  }
  return send().catch(send)
}

function simulatedSide(cloud: Cloud): Side {
  const { name, password, userDomain, project, projectDomain } = cloud.admin
  const role = cloud.state.roles.find((row) => row.name.toLowerCase() === 'admin')?.name ?? 'admin'
  return {
    authUrl: cloud.url,
    admin: { name, password, userDomain, project, projectDomain, role },
    send: (request) => cloud.answer(request),
  }
}

test.each(STORIES)('the story %s is the same on %s', async (name, keystone, story) => {
  const run = `c${Date.now().toString(36)}`
  const onTrial = await findKeystone(keystone)
  await removeOverrides(onTrial)
  const [onLab, onSimulator] = await Promise.all([
    tell(labSide(onTrial), story, run),
    tell(simulatedSide(createCloud(SEEDS[keystone], { pace: { clusterAccepted: 0 } })), story, run),
  ])
  expect(onSimulator.length).toBeGreaterThan(5)
  const found = differences(onLab, onSimulator).map(
    ({ step, what, lab, simulator }) => `${step} | ${what} | ${lab} | ${simulator}`,
  )
  const known = table
    .filter((row) => row.story === name)
    .map(({ step, what, lab, simulator }) => `${step} | ${what} | ${lab} | ${simulator}`)
  expect(found.sort()).toEqual([...known].sort())
})

/** The override that `policy build` makes for each, laid on both. */
const MANAGED = [
  ['main', 'debian-22', 'default'],
  ['charm', 'debian-22', 'charm'],
  ['native', 'debian-27', 'default'],
] as const

test.each(MANAGED)('a domain manager under our override meets the same on %s', async (name, release, base) => {
  const { text } = buildOverride(await loadKeystone(parseRelease(release)), { base: { kind: base } })
  const onTrial = await findKeystone(name)
  const run = `c${Date.now().toString(36)}`
  const cloud = createCloud({ ...SEEDS[name], overrides: [text] })
  await layOverride(onTrial, text)
  try {
    const [onLab, onSimulator] = [
      await tell(labSide(onTrial), managerStory, run),
      await tell(simulatedSide(cloud), managerStory, run),
    ]
    expect(differences(onLab, onSimulator)).toEqual([])
    // refusals alone would agree as well
    expect(onSimulator.filter((step) => step.status < 300).length).toBeGreaterThan(20)
    expect(onSimulator.filter((step) => step.status === 403).length).toBeGreaterThan(8)
  } finally {
    await removeOverrides(onTrial)
  }
})

test('every row of the table belongs to a story and gives a reason', () => {
  const stories = STORIES.map(([name]) => name)
  for (const row of table) {
    expect(stories).toContain(row.story)
    expect(row.reason.length).toBeGreaterThan(10)
  }
})
