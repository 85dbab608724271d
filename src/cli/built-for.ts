import { Command } from '@commander-js/extra-typings'
import { builtBy } from '../policy/build/command.ts'
import { policyBuild } from './definitions/policy.ts'
import type { PolicyBuildOptions } from './definitions/policy.ts'

/** What the command in the head of an override says of the Keystone that it is for. */
export type BuiltForOptions = Omit<PolicyBuildOptions, 'output' | 'out' | 'zip' | 'horizon' | 'horizonZip'>

/** `undefined`: the head has no such command, as in a file of somebody else. */
export function builtForIn(text: string): BuiltForOptions | undefined {
  const words = builtBy(text)
  if (words === undefined) return undefined
  const command = policyBuild(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  try {
    const {
      output: _,
      out: __,
      zip: ___,
      horizon: ____,
      horizonZip: _____,
      ...options
    } = command.parse([...words], { from: 'user' }).opts()
    return options
  } catch {
    // an option of another version, or a head that somebody has edited
    return undefined
  }
}

/**
 * The options of the command line, and where it does not name a Keystone those of the files: what an override was built
 * for has not to be typed again. The last file that says it counts.
 */
export function withBuiltFor<Options extends Partial<BuiltForOptions>>(
  options: Options,
  texts: readonly string[],
): Options {
  const told = texts.map(builtForIn).findLast((one) => one !== undefined)
  if (told === undefined) return options
  const { managedRoles, magnumDomain, ...ground } = told
  const isNamed = options.base !== undefined || options.release !== undefined
  return {
    ...options,
    ...(isNamed ? {} : ground),
    ...(options.managedRoles === undefined && managedRoles !== undefined ? { managedRoles } : {}),
    ...(options.magnumDomain === undefined && magnumDomain !== undefined ? { magnumDomain } : {}),
  }
}
