import { beforeAll, expect, test } from 'vitest'
import { faultNames, striking } from './faults.ts'
import type { Strike } from './faults.ts'
import { generator } from './generator.ts'
import { isSwept, sweptOf } from '../sweep-share.ts'
import { broken, openCrashTestBed, standing } from './sweep.ts'

/*
 * Every request of a whole `apply` that changes something, every fault: the run fails or recovers, the same command
 * again ends where an undisturbed run ends. A sample meets each request with one of the faults in turn. One fault: CRASH_AT=17 CRASH_FAULT='answer lost' npm run test:crash
 */

const requests: string[] = []
let undisturbed: readonly string[]

beforeAll(async () => {
  const bed = await openCrashTestBed()
  const { code, text } = await bed.type(['apply', bed.file, '--yes'], {
    fetch: striking(bed.cloud.fetch, [], (request) => requests.push(request)),
  })
  expect(code, text).toBe(0)
  undisturbed = standing(bed.cloud)
  await bed.remove()
})

async function survive(strikes: readonly Strike[]): Promise<readonly string[]> {
  const bed = await openCrashTestBed()
  try {
    const first = await bed.type(['apply', bed.file, '--yes'], { fetch: striking(bed.cloud.fetch, strikes) })
    if (first.code === 1 || first.code === 2)
      return [`the first run ended with ${first.code}: ${first.text.slice(-800)}`]
    const second = await bed.type(['apply', bed.file, '--yes'])
    return await broken(bed, second, undisturbed)
  } finally {
    await bed.remove()
  }
}

test.each(faultNames)('%s, at each request in turn', async (fault) => {
  const only = process.env['CRASH_FAULT']
  if (only !== undefined && only !== fault) return
  const wrong: string[] = []
  for (let at = 1; at <= requests.length; at++) {
    if (!isSwept(at + faultNames.indexOf(fault), faultNames.length)) continue
    if (process.env['CRASH_AT'] !== undefined && process.env['CRASH_AT'] !== String(at)) continue
    for (const one of await survive([{ at, fault }])) wrong.push(`CRASH_AT=${at} (${requests[at - 1] ?? ''}): ${one}`)
  }
  expect(wrong).toEqual([])
})

test('pairs of faults, sampled', async () => {
  const seed = Number(process.env['CRASH_SEED'] ?? 2026)
  const random = generator(seed)
  const wrong: string[] = []
  for (let i = 0; i < Number(process.env['CRASH_PAIRS'] ?? sweptOf(60, 12)); i++) {
    const pick = () => ({
      at: 1 + Math.floor(random() * requests.length),
      fault: faultNames[Math.floor(random() * faultNames.length)] ?? ('silence' as const),
    })
    const strikes = [pick(), pick()]
    const message = strikes.map(({ at, fault }) => `${fault} at ${at}`).join(', ')
    for (const one of await survive(strikes)) wrong.push(`CRASH_SEED=${seed} (${message}): ${one}`)
  }
  expect(wrong).toEqual([])
})
