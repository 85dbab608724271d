/** The command line as an operator of a Keystone in the lab uses it. */
import { operatorEnvironment } from '../../src/simulator/clouds-yaml.ts'
import { openTestBed } from '../onboarding/test-bed.ts'
import type { Json } from '../policy-delivery/test-bed.ts'
import type { LabKeystone } from './cloud.ts'

export type Operator = {
  readonly folder: string
  ask: (...argv: readonly string[]) => Promise<{ readonly code: number; readonly document: Json }>
}

/** The operator of a Keystone at the command line, in a folder of its own. */
export async function operatorAt({ url, admin }: Pick<LabKeystone, 'url' | 'admin'>): Promise<Operator> {
  const env = operatorEnvironment({ url, region: 'RegionOne', admin: { ...admin, name: admin.username } })
  const bed = await openTestBed(env, undefined, { columns: 80 })
  return {
    folder: bed.folder,
    async ask(...argv) {
      const { code, out, err } = await bed.run(...argv, '-o', 'json')
      if (out === '') throw new Error(`exit ${code}: ${err}`)
      return { code, document: JSON.parse(out) as Json }
    },
  }
}
