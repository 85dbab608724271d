import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cp, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unseal } from '../../src/handover/seal.ts'
import { parseState, renderState } from '../../src/simulator/snapshot.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { filesBelow } from '../onboarding/test-bed.ts'
import { callsOf, killed, killsOf } from './kill-on-disk.ts'
import { openCrashTestBed, standing } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/*
 * A real process, a real SIGKILL at each call of a `handover` that changes something on disk (`npm run build` first). Wherever it is cut
 * the password is somewhere, and the same command again ends where an undisturbed one ends: delivered whole, and sealed means that
 * nobody here can read it.
 */

const sealedFile = 'handover/acme-handover.zip.age'

describe.each(['sealed', 'open'] as const)('a handover that is %s', (kind) => {
  let identity: string
  let onboarded: CrashTestBed
  let applied: string
  let password: string

  beforeAll(async () => {
    identity = await generateIdentity()
    onboarded = await openCrashTestBed()
    if (kind === 'sealed') {
      const text = await readFile(onboarded.file, 'utf8')
      await writeFile(onboarded.file, `${text}handover:\n  recipient: ${await identityToRecipient(identity)}\n`)
    }
    const { code, text } = await onboarded.type(['apply', onboarded.file, '--yes', '--until', 'credentials'])
    expect(code, text).toBe(0)
    applied = renderState(onboarded.cloud.state)
    password = (await readFile(join(homeOf(onboarded), 'secrets', 'domain-admin.password'), 'utf8')).trim()
  })

  afterAll(() => onboarded.remove())

  /** The tenant as it was, its cloud and its data directory, once more. */
  async function openAgain(): Promise<CrashTestBed> {
    const bed = await openCrashTestBed(parseState(applied, 'applied'))
    await cp(onboarded.file, bed.file)
    await cp(join(onboarded.folder, 'tenant-onboard'), join(bed.folder, 'tenant-onboard'), { recursive: true })
    return bed
  }

  const command = ({ file }: CrashTestBed): readonly string[] => ['handover', file, '--yes']

  test('killed at each call on the disk', async () => {
    const whole = await openAgain()
    const calls = await callsOf(whole, command(whole))
    const undisturbed = { left: await leftIn(whole), cloud: standing(whole.cloud) }
    await whole.remove()
    expect(calls.length).toBeGreaterThan(5)
    const wrong: string[] = []
    for (const kill of killsOf(calls)) {
      const bed = await openAgain()
      for (const one of [...(await killed(bed, command(bed), kill)), ...(await afterwards(bed, undisturbed))])
        wrong.push(`killed ${kill.when} ${kill.at} (${calls[kill.at - 1] ?? ''}): ${one}`)
      await bed.remove()
    }
    expect(wrong).toEqual([])
  })

  async function afterwards(
    bed: CrashTestBed,
    undisturbed: { readonly left: readonly string[]; readonly cloud: readonly string[] },
  ): Promise<readonly string[]> {
    const wrong: string[] = []
    if (!(await isReadable(bed)) && !(await delivered(bed))?.includes(password))
      wrong.push('the password is nowhere after the kill')
    const again = await bed.type(command(bed))
    if (again.code !== 0) wrong.push(`the same command again ended with ${again.code}: ${again.text.slice(-600)}`)
    if (!(await delivered(bed))?.includes(password)) wrong.push('what was delivered does not hold the password')
    if (kind === 'sealed' && (await isReadable(bed))) wrong.push('the password can still be read here')
    const left = await leftIn(bed)
    if (left.join() !== undisturbed.left.join()) wrong.push(`on disk: ${left.join(', ')}`)
    if (standing(bed.cloud).join() !== undisturbed.cloud.join()) wrong.push('the cloud is another one')
    await readEvidence(join(homeOf(bed), 'evidence.jsonl')).catch((error: unknown) =>
      wrong.push(`evidence: ${String(error)}`),
    )
    return wrong
  }

  async function isReadable(bed: CrashTestBed): Promise<boolean> {
    return [...(await filesBelow(homeOf(bed))).values()].some((text) => text.includes(password))
  }

  /** The text of what went out, `undefined` as long as it is not whole. */
  async function delivered(bed: CrashTestBed): Promise<string | undefined> {
    const at = (name: string): string => join(homeOf(bed), name)
    if (kind === 'open') return readFile(at('handover/secure.yaml'), 'utf8').catch(() => undefined)
    const bytes = await readFile(at(sealedFile)).catch(() => undefined)
    if (bytes === undefined) return undefined
    return (await unseal(bytes, [identity])).get('secure.yaml')?.reveal()
  }
})

function homeOf({ folder }: CrashTestBed): string {
  return join(folder, 'tenant-onboard', 'lab', 'acme')
}

async function leftIn(bed: CrashTestBed): Promise<readonly string[]> {
  const entries = await readdir(homeOf(bed), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name).slice(homeOf(bed).length + 1)).sort()
}
