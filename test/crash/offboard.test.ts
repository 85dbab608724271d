import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import { parseState, renderState } from '../../src/simulator/snapshot.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { pictureOf } from '../offboarding/picture.ts'
import { faultNames, striking } from './faults.ts'
import type { Strike } from './faults.ts'
import { isSwept } from '../sweep-share.ts'
import { openGround } from './sweep.ts'
import type { Ground, Outcome } from './sweep.ts'

/*
 * Every request of a whole `offboard` that changes something, every fault, and the line cut for good: the same command again ends
 * with the cloud as it was before the tenant came, id by id. One: CRASH_AT=17 CRASH_FAULT='answer lost' npm run test:crash
 */

const command = ['--confirm', 'acme'] as const
const requests: string[] = []
let onboarded: Ground
let applied: string
let pristine: readonly string[]

beforeAll(async () => {
  onboarded = await openGround()
  pristine = pictureOf(onboarded.cloud.state)
  // the deadline of a request is short here, and a busy machine may miss it
  const apply = (): Promise<Outcome> => onboarded.type(['apply', onboarded.file, '--yes'])
  let made = await apply()
  for (let again = 0; made.code === 4 && again < 3; again++) made = await apply()
  expect(made.code, made.text).toBe(0)
  applied = renderState(onboarded.cloud.state)
  const ground = await openAgain()
  const seen = await ground.type(['offboard', ground.file, ...command], {
    fetch: striking(ground.cloud.fetch, [], (request) => requests.push(request)),
  })
  expect(await wrongWith(ground, seen)).toEqual([])
  await ground.remove()
})

afterAll(() => onboarded.remove())

/** The onboarded tenant, its cloud and its home, once more. */
async function openAgain(): Promise<Ground> {
  const ground = await openGround(parseState(applied, 'applied'))
  await cp(join(onboarded.folder, 'tenant-onboard'), join(ground.folder, 'tenant-onboard'), { recursive: true })
  return ground
}

async function wrongWith(ground: Ground, last: Outcome): Promise<readonly string[]> {
  const wrong: string[] = []
  if (last.code !== 0) wrong.push(`it ended with ${last.code}: ${last.text.slice(-600)}`)
  const now = pictureOf(ground.cloud.state)
  wrong.push(...now.filter((line) => !pristine.includes(line)).map((line) => `left: ${line.slice(0, 200)}`))
  wrong.push(...pristine.filter((line) => !now.includes(line)).map((line) => `taken: ${line.slice(0, 200)}`))
  const home = join(ground.folder, 'tenant-onboard', 'lab', 'acme')
  const records = await readEvidence(join(home, 'evidence.jsonl')).catch((error: unknown) => {
    wrong.push(`evidence: ${String(error)}`)
    return []
  })
  if (!records.some((one) => one.kind === 'offboarding' && one.stage === 'absence' && one.ok))
    wrong.push('the evidence has no proof of absence')
  return wrong
}

async function survive(fetchOf: (ground: Ground) => Fetch): Promise<readonly string[]> {
  const ground = await openAgain()
  try {
    const first = await ground.type(['offboard', ground.file, ...command], { fetch: fetchOf(ground) })
    if (first.code === 1 || first.code === 2)
      return [`the first run ended with ${first.code}: ${first.text.slice(-800)}`]
    const second = await ground.type(['offboard', ground.file, ...command], { hours: 1 })
    return await wrongWith(ground, second)
  } finally {
    await ground.remove()
  }
}

/** Where one way to go wrong strikes; in a sample each request meets one of the `of` ways in turn. */
function positions(way: number, of: number): readonly number[] {
  const only = process.env['CRASH_AT']
  const all = requests.map((_, index) => index + 1)
  return all.filter((at) => isSwept(at + way, of) && (only === undefined || only === String(at)))
}

test.each(faultNames)('%s, at each request in turn', async (fault) => {
  const only = process.env['CRASH_FAULT']
  if (only !== undefined && only !== fault) return
  const wrong: string[] = []
  for (const at of positions(faultNames.indexOf(fault), faultNames.length)) {
    const strikes: readonly Strike[] = [{ at, fault }]
    for (const one of await survive((ground) => striking(ground.cloud.fetch, strikes)))
      wrong.push(`CRASH_AT=${at} (${requests[at - 1] ?? ''}): ${one}`)
  }
  expect(wrong).toEqual([])
})

test.each(['before', 'after'] as const)('cut off for good %s each request in turn', async (when) => {
  const only = process.env['CRASH_FAULT']
  if (only !== undefined && only !== 'cut off') return
  const wrong: string[] = []
  for (const at of positions(when === 'before' ? 0 : 3, 6))
    for (const one of await survive((ground) => cutOff(ground.cloud.fetch, at, when)))
      wrong.push(`CRASH_AT=${at} (${requests[at - 1] ?? ''}) ${when}: ${one}`)
  expect(wrong).toEqual([])
})

/** What a kill is to the cloud: from the request on nothing more is sent. */
function cutOff(fetch: Fetch, at: number, when: 'before' | 'after'): Fetch {
  let isCut = false
  let count = 0
  const counting = striking(fetch, [], () => {
    count++
    if (count === at && when === 'before') isCut = true
  })
  return async (url, init) => {
    if (isCut) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const answer = await counting(url, init)
    if (count >= at) {
      isCut = true
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    }
    return answer
  }
}
