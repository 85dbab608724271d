import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/** A Python that has oslo.policy: Debian 12's own, or that of the Debian 13 beside it. */
export type Python = { readonly name: string; readonly command: readonly string[] }

/** The Debian 13 that lab/up makes; the lab itself need not be up. */
const trixie = `${process.env.LAB_DIR ?? '/var/lib/tenant-onboard-lab'}/trixie`

export const pythons: readonly Python[] = [
  { name: 'oslo.policy of Debian 12', command: ['/usr/bin/python3'] },
  { name: 'oslo.policy of Debian 13', command: ['chroot', trixie, '/usr/bin/python3'] },
]

export function isInstalled(python: Python): boolean {
  const [command = '', root] = python.command
  return command === 'chroot'
    ? existsSync(`${root ?? ''}/usr/lib/python3/dist-packages/oslo_policy`)
    : existsSync('/usr/lib/python3/dist-packages/oslo_policy')
}

/** The real library's answers, in the order of the lines. One process for all of them. */
export async function askOracle(python: Python, lines: readonly string[]): Promise<readonly string[]> {
  const script = readFileSync(new URL('policy-oracle.py', import.meta.url), 'utf8')
  const printed = await runPython(python, script, lines.map((line) => `${line}\n`).join(''))
  const answers = printed.split('\n').filter((line) => line !== '')
  if (answers.length !== lines.length) throw new Error(`the oracle gave ${answers.length} answers of ${lines.length}`)
  return answers
}

/** What the script prints. It travels as an argument, because a chroot does not see this checkout. */
export async function runPython(python: Python, script: string, input: string): Promise<string> {
  const [command = '', ...args] = python.command
  const child = spawn(command, [...args, '-c', script], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PYTHONIOENCODING: 'utf-8', PYTHONWARNINGS: 'ignore' },
  })
  const printed = text(child.stdout)
  const complaints = text(child.stderr)
  const closed = once(child, 'close')
  child.stdin.end(input)
  const [code] = (await closed) as [number]
  if (code !== 0) throw new Error(`${python.name} stopped: ${await complaints}`)
  return printed
}
