import { beforeAll, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { isSwept } from '../sweep-share.ts'
import { broken, openGround, standing } from './sweep.ts'

/* A real process, a real SIGKILL: before and after each request that changes something. `npm run build` first. */

let total = 0
let undisturbed: readonly string[]

beforeAll(async () => {
  const ground = await openGround()
  const { code, requests, text } = await typeInChild(ground, ['apply', ground.file, '--yes'])
  expect(code, text).toBe(0)
  total = requests
  undisturbed = standing(ground.cloud)
  await ground.remove()
})

test.each(['before', 'after'] as const)('killed %s each request in turn', async (when) => {
  const wrong: string[] = []
  for (let at = 1; at <= total; at++) {
    if (!isSwept(at + (when === 'before' ? 0 : 2), 4)) continue
    if (process.env['CRASH_AT'] !== undefined && process.env['CRASH_AT'] !== String(at)) continue
    const ground = await openGround()
    const { signal } = await typeInChild(ground, ['apply', ground.file, '--yes'], {
      async around({ at: now, child }, go) {
        if (now !== at) return go()
        if (when === 'after') await go()
        child.kill('SIGKILL')
        return new Response(null, { status: 503 })
      },
    })
    // steps run in parallel, so the last few requests may not come in this order; killed or done, nothing else
    if (signal !== 'SIGKILL' && at < total - 3) wrong.push(`CRASH_AT=${at}: it was not killed`)
    const second = await ground.type(['apply', ground.file, '--yes'], { hours: 1 })
    for (const one of await broken(ground, second, undisturbed)) wrong.push(`CRASH_AT=${at} killed ${when}: ${one}`)
    await ground.remove()
  }
  expect(wrong).toEqual([])
})
