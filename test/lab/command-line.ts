/** The command line as an operator of a Keystone in the lab uses it. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/program.ts'
import type { Json } from '../policy-delivery/test-bed.ts'
import type { LabKeystone } from './cloud.ts'

export type Operator = {
  readonly folder: string
  ask: (...argv: readonly string[]) => Promise<{ readonly code: number; readonly document: Json }>
}

/** The operator of a Keystone at the command line, in a folder of its own. */
export async function operatorOf({ url, admin }: Pick<LabKeystone, 'url' | 'admin'>): Promise<Operator> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-lab-'))
  const env = {
    OS_AUTH_URL: url,
    OS_USERNAME: admin.username,
    OS_PASSWORD: admin.password,
    OS_USER_DOMAIN_NAME: admin.userDomain,
    OS_PROJECT_NAME: admin.project,
    OS_PROJECT_DOMAIN_NAME: admin.projectDomain,
    OS_REGION_NAME: 'RegionOne',
  }
  return {
    folder,
    async ask(...argv) {
      let out = ''
      let err = ''
      const code = await run([...argv, '-o', 'json'], {
        env,
        cwd: folder,
        home: folder,
        out: (text) => (out += text),
        err: (text) => (err += text),
        isTerminal: false,
        hasColor: false,
        columns: 80,
        pid: process.pid,
        confirm: () => Promise.resolve(false),
        stop: new AbortController().signal,
        now: () => new Date(),
        sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      })
      if (out === '') throw new Error(`exit ${code}: ${err}`)
      return { code, document: JSON.parse(out) as Json }
    },
  }
}
