/**
 * Records what the real scs-0302 suite says of each weakened policy on the lab's main Keystone:
 * `node scripts/scs-verdicts.mjs FOLDER`, FOLDER as for lab/scs. The suite stops at the first check that fails.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { scsChecks } from '../../src/isolation/scs.ts'
import { weakened, weaknesses } from '../isolation/scs-weaknesses.ts'
import { findKeystone, layOverride, removeOverrides } from './cloud.ts'
import { builtOverride } from './probing.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node scripts/scs-verdicts.mjs FOLDER')

const keystone = await findKeystone('main')
const ours = await builtOverride('debian-22+oct-2026', 'default')
const said = async (): Promise<{ passed: number; failed?: string; error?: string }> => {
  const out = await new Promise<string>((resolve) => {
    execFile('lab/scs', [folder, 'main'], (_, stdout) => {
      resolve(stdout)
    })
  })
  const passed = out.split('\n').filter((line) => line.endsWith(': PASS')).length
  if (passed === scsChecks.length) return { passed }
  const error = out.split('\n').findLast((line) => /^\S*(Error|Exception)\b/.test(line))
  return { passed, failed: scsChecks[passed]?.check ?? '', error: error ?? '' }
}

const verdicts = []
try {
  await layOverride(keystone, ours.text)
  verdicts.push(await said())
  for (const weakness of weaknesses) {
    await layOverride(keystone, weakened(ours, weakness))
    const verdict = { ...weakness, ...(await said()) }
    process.stderr.write(`${JSON.stringify(verdict)}\n`)
    verdicts.push(verdict)
  }
} finally {
  await removeOverrides(keystone)
}
await writeFile('test/isolation/scs-verdicts.json', `${JSON.stringify(verdicts, undefined, 2)}\n`)
