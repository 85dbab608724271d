import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import { operatorOf } from '../onboarding/stand.ts'
import { broken, openGround, standing } from './sweep.ts'
import type { Ground } from './sweep.ts'

/* A real process, a real SIGKILL: before and after each request that changes something. `npm run build` first. */

type When = 'before' | 'after'

let total = 0
let undisturbed: readonly string[]

beforeAll(async () => {
  expect(existsSync('dist/tenant-onboard.js'), 'npm run build first').toBe(true)
  const ground = await openGround()
  const { code, requests } = await applyInChild(ground, undefined)
  expect(code).toBe(0)
  total = requests
  undisturbed = standing(ground.cloud)
  await ground.remove()
})

test.each<When>(['before', 'after'])('killed %s each request in turn', async (when) => {
  const wrong: string[] = []
  for (let at = 1; at <= total; at++) {
    if (process.env['CRASH_AT'] !== undefined && process.env['CRASH_AT'] !== String(at)) continue
    const ground = await openGround()
    const { signal } = await applyInChild(ground, { at, when })
    // steps run in parallel, so the last few requests may not come in this order; killed or done, nothing else
    if (signal !== 'SIGKILL' && at < total - 3) wrong.push(`CRASH_AT=${at}: it was not killed`)
    const second = await ground.type(['apply', ground.file, '--yes'], { hours: 1 })
    for (const one of await broken(ground, second, undisturbed)) wrong.push(`CRASH_AT=${at} killed ${when}: ${one}`)
    await ground.remove()
  }
  expect(wrong).toEqual([])
})

async function applyInChild(
  ground: Ground,
  kill: { readonly at: number; readonly when: When } | undefined,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly requests: number }> {
  const { cloud } = ground
  let requests = 0
  let child: ChildProcess | undefined
  const answer: Cloud['answer'] = async (request, service) => {
    const isChanging = !['GET', 'HEAD'].includes(request.method) && !request.url.endsWith('/auth/tokens')
    if (isChanging) requests++
    const isStruck = isChanging && kill?.at === requests
    if (isStruck && kill.when === 'before') {
      child?.kill('SIGKILL')
      return new Response(null, { status: 503 })
    }
    const given = await cloud.answer(request, service)
    if (isStruck) child?.kill('SIGKILL')
    return given
  }
  const served = await serve({ cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud, port: 0 })
  try {
    child = spawn(process.execPath, ['dist/tenant-onboard.js', 'apply', ground.file, '--yes'], {
      env: { PATH: process.env['PATH'], HOME: ground.folder, ...operatorOf(cloud) },
      stdio: 'ignore',
    })
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return { code, signal, requests }
  } finally {
    // the second run keeps the address, which its evidence is about, and reaches the cloud without the port
    await served.close()
  }
}
