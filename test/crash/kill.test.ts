import { beforeAll, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { isSwept } from '../sweep-share.ts'
import { broken, openCrashTestBed, standing } from './sweep.ts'

/* A real process, a real SIGKILL: before and after each request that changes something. `npm run build` first. */

let total = 0
let undisturbed: readonly string[]

beforeAll(async () => {
  const bed = await openCrashTestBed()
  const { code, requests, text } = await typeInChild(bed, ['apply', bed.file, '--yes'])
  expect(code, text).toBe(0)
  total = requests
  undisturbed = standing(bed.cloud)
  await bed.remove()
})

test.each(['before', 'after'] as const)('killed %s each request in turn', async (when) => {
  const wrong: string[] = []
  for (let at = 1; at <= total; at++) {
    if (!isSwept(at + (when === 'before' ? 0 : 2), 4)) continue
    if (process.env['CRASH_AT'] !== undefined && process.env['CRASH_AT'] !== String(at)) continue
    const bed = await openCrashTestBed()
    const { signal } = await typeInChild(bed, ['apply', bed.file, '--yes'], {
      async around({ at: now, child }, go) {
        if (now !== at) return go()
        if (when === 'after') await go()
        child.kill('SIGKILL')
        return new Response(null, { status: 503 })
      },
    })
    // steps run in parallel, so the last few requests may not come in this order; killed or done, nothing else
    if (signal !== 'SIGKILL' && at < total - 3) wrong.push(`CRASH_AT=${at}: it was not killed`)
    const second = await bed.type(['apply', bed.file, '--yes'])
    for (const one of await broken(bed, second, undisturbed)) wrong.push(`CRASH_AT=${at} killed ${when}: ${one}`)
    await bed.remove()
  }
  expect(wrong).toEqual([])
})
