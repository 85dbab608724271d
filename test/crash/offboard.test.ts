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
import { openCrashTestBed } from './sweep.ts'
import type { CrashTestBed, Outcome } from './sweep.ts'

/*
 * Every request of a whole `offboard` that changes something, every fault, and the line cut for good: the same command again ends
 * with the cloud as it was before the tenant came, id by id. One: CRASH_AT=17 CRASH_FAULT='answer lost' npm run test:crash
 */

const command = ['--confirm', 'acme'] as const
const requests: string[] = []
let onboarded: CrashTestBed
let applied: string
let pristine: readonly string[]

beforeAll(async () => {
  onboarded = await openCrashTestBed()
  pristine = pictureOf(onboarded.cloud.state)
  // the deadline of a request is short here, and a busy machine may miss it
  const apply = (): Promise<Outcome> => onboarded.type(['apply', onboarded.file, '--yes'])
  let made = await apply()
  for (let again = 0; made.code === 4 && again < 3; again++) made = await apply()
  expect(made.code, made.text).toBe(0)
  applied = renderState(onboarded.cloud.state)
  const bed = await openAgain()
  const seen = await bed.type(['offboard', bed.file, ...command], {
    fetch: striking(bed.cloud.fetch, [], (request) => requests.push(request)),
  })
  expect(await wrongWith(bed, seen)).toEqual([])
  await bed.remove()
})

afterAll(() => onboarded.remove())

/** The onboarded tenant, its cloud and its data directory, once more. */
async function openAgain(): Promise<CrashTestBed> {
  const bed = await openCrashTestBed(parseState(applied, 'applied'))
  await cp(join(onboarded.folder, 'tenant-onboard'), join(bed.folder, 'tenant-onboard'), { recursive: true })
  return bed
}

async function wrongWith(bed: CrashTestBed, last: Outcome): Promise<readonly string[]> {
  const wrong: string[] = []
  if (last.code !== 0) wrong.push(`it ended with ${last.code}: ${last.text.slice(-600)}`)
  const now = pictureOf(bed.cloud.state)
  wrong.push(...now.filter((line) => !pristine.includes(line)).map((line) => `left: ${line.slice(0, 200)}`))
  wrong.push(...pristine.filter((line) => !now.includes(line)).map((line) => `taken: ${line.slice(0, 200)}`))
  const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  const records = await readEvidence(join(home, 'evidence.jsonl')).catch((error: unknown) => {
    wrong.push(`evidence: ${String(error)}`)
    return []
  })
  if (!records.some((one) => one.kind === 'offboarding' && one.stage === 'absence' && one.ok))
    wrong.push('the evidence has no proof of absence')
  return wrong
}

async function survive(fetchOf: (bed: CrashTestBed) => Fetch): Promise<readonly string[]> {
  const bed = await openAgain()
  try {
    const first = await bed.type(['offboard', bed.file, ...command], { fetch: fetchOf(bed) })
    if (first.code === 1 || first.code === 2)
      return [`the first run ended with ${first.code}: ${first.text.slice(-800)}`]
    const second = await bed.type(['offboard', bed.file, ...command], { hours: 1 })
    return await wrongWith(bed, second)
  } finally {
    await bed.remove()
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
    for (const one of await survive((bed) => striking(bed.cloud.fetch, strikes)))
      wrong.push(`CRASH_AT=${at} (${requests[at - 1] ?? ''}): ${one}`)
  }
  expect(wrong).toEqual([])
})

test.each(['before', 'after'] as const)('cut off for good %s each request in turn', async (when) => {
  const only = process.env['CRASH_FAULT']
  if (only !== undefined && only !== 'cut off') return
  const wrong: string[] = []
  for (const at of positions(when === 'before' ? 0 : 3, 6))
    for (const one of await survive((bed) => cutOff(bed.cloud.fetch, at, when)))
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
