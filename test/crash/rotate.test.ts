import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Auth } from '../../src/openstack/auth.ts'
import { openSession } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { signsIn } from '../../src/tenant/sessions.ts'
import { faultNames, striking } from './faults.ts'
import type { Strike } from './faults.ts'
import { callsOf, killed, killsOf } from './kill-on-disk.ts'
import { isSwept } from '../sweep-share.ts'
import { openCrashTestBed, standing } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/*
 * Every request of a rotation that changes something, every fault; and a real process with a real SIGKILL at each call that changes
 * something on disk (`npm run build` first). Wherever it is cut, one secret on disk signs in; the same command again finishes, the
 * cloud is as before, and one secret is left.
 */

const accounts = ['domain-admin', 'cluster', 'svc'] as const
type Account = (typeof accounts)[number]

const files: Readonly<Record<Account, string>> = {
  'domain-admin': 'domain-admin.password',
  cluster: 'cluster.password',
  svc: 'acme-svc.secret',
}
const users: Readonly<Record<Account, string>> = {
  'domain-admin': 'acme-domain-admin',
  cluster: 'acme-cluster',
  svc: 'acme-svc',
}

const rotate = ({ file }: CrashTestBed, account: Account): readonly string[] => [
  'rotate',
  file,
  '--account',
  account,
  '--yes',
]

describe.each(accounts)('rotate --account %s', (account) => {
  const requests: string[] = []
  let undisturbed: readonly string[]

  beforeAll(async () => {
    const bed = await tenantTestBed()
    const { code, text } = await bed.type(rotate(bed, account), {
      fetch: striking(bed.cloud.fetch, [], (request) => requests.push(request)),
    })
    expect(code, text).toBe(0)
    expect(requests.length).toBeGreaterThan(0)
    undisturbed = standing(bed.cloud)
    await bed.remove()
  })

  test.each(faultNames)('%s, at each request in turn', async (fault) => {
    const wrong: string[] = []
    for (let at = 1; at <= requests.length; at++) {
      if (!isSwept(at + faultNames.indexOf(fault), 4)) continue
      for (const one of await survive(account, undisturbed, (bed) => struck(bed, account, { at, fault })))
        wrong.push(`${fault} at ${at} (${requests[at - 1] ?? ''}): ${one}`)
    }
    expect(wrong).toEqual([])
  })

  test('killed at each call on the disk', async () => {
    const counted = await tenantTestBed()
    const calls = await callsOf(counted, rotate(counted, account))
    await counted.remove()
    expect(calls.length).toBeGreaterThan(5)
    const wrong: string[] = []
    for (const [index, kill] of killsOf(calls).entries()) {
      if (!isSwept(index, 4)) continue
      for (const one of await survive(account, undisturbed, (bed) => killed(bed, rotate(bed, account), kill)))
        wrong.push(`killed ${kill.when} ${kill.at} (${calls[kill.at - 1] ?? ''}): ${one}`)
    }
    expect(wrong).toEqual([])
  })
})

async function tenantTestBed(): Promise<CrashTestBed> {
  const bed = await openCrashTestBed()
  const { code, text } = await bed.type(['apply', bed.file, '--yes', '--until', 'credentials'])
  expect(code, text).toBe(0)
  return bed
}

/** What is wrong with how the first run ended, if anything. */
type Cut = (bed: CrashTestBed) => Promise<readonly string[]>

async function struck(bed: CrashTestBed, account: Account, strike: Strike): Promise<readonly string[]> {
  const { code, text } = await bed.type(rotate(bed, account), { fetch: striking(bed.cloud.fetch, [strike]) })
  return code === 1 || code === 2 ? [`the first run ended with ${code}: ${text}`] : []
}

async function survive(account: Account, undisturbed: readonly string[], cut: Cut): Promise<readonly string[]> {
  const bed = await tenantTestBed()
  try {
    const wrong = [...(await cut(bed))]
    if ((await working(bed, account)).length === 0) wrong.push('no secret on disk signs in after the first run')
    const second = await bed.type(rotate(bed, account))
    if (second.code !== 0) wrong.push(`the same command again ended with ${second.code}: ${second.text}`)
    if (standing(bed.cloud).join('\n') !== undisturbed.join('\n')) wrong.push('the cloud is another one')
    const left = (await readdir(folderOf(bed))).filter((name) => name.endsWith('.next'))
    if (left.length > 0) wrong.push(`left on disk: ${left.join(', ')}`)
    if ((await working(bed, account)).join() !== files[account]) wrong.push('the secret in its place does not sign in')
    const plan = await bed.type(['plan', bed.file])
    if (plan.code !== 0 || plan.text.includes('cannot-look')) wrong.push(`plan cannot look: ${plan.text}`)
    return wrong
  } finally {
    await bed.remove()
  }
}

function folderOf({ folder }: CrashTestBed): string {
  return join(folder, 'tenant-onboard', 'lab', 'acme', 'secrets')
}

/** Which of the files of that account sign in, under any of its names. */
async function working(bed: CrashTestBed, account: Account): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of [files[account], `${files[account]}.next`]) {
    const text = await readFile(join(folderOf(bed), name), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const signs = await Promise.all(authsOf(account, new Secret(text.trim())).map((auth) => signsInto(bed, auth)))
    if (signs.includes(true)) found.push(name)
  }
  return found
}

function authsOf(account: Account, secret: Secret): readonly Auth[] {
  const user = { name: users[account], domain: { name: 'acme' } }
  if (account !== 'svc') return [{ kind: 'password', user, password: secret, scope: { kind: 'unscoped' } }]
  return ['acme-svc', 'acme-svc-next'].map((name) => ({
    kind: 'application-credential',
    credential: { name, user },
    secret,
  }))
}

function signsInto({ cloud }: CrashTestBed, auth: Auth): Promise<boolean> {
  const endpoint = { authUrl: cloud.url, region: cloud.region }
  return signsIn(openSession({ actor: 'somebody', endpoint, auth, fetch: cloud.fetch }))
}
