import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import { InputError } from '../errors.ts'
import type { CharmSettings } from '../policy/releases/charm.ts'
import { parseDialect, releases } from '../policy/releases/release.ts'
import type { Dialect } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Base, Keystone } from '../policy/releases/keystone.ts'
import type { Io } from './context.ts'

/* What every policy command stands on: a Keystone of some dialect, and the base policy that it runs with. */

/** A charmed cloud of 2024.1 with the fixes of May 2026, which is what most people who need an override have. */
const usualDialect = '2024.1+ossa-2026-015'

export type GroundOptions = {
  readonly base?: string | undefined
  readonly dialect?: string | undefined
  readonly adminRole?: string | undefined
  readonly adminDomainId?: string | undefined
  readonly serviceProjectId?: string | undefined
}

export const baseOption = () =>
  new Option('--base <base>', 'the policy below: default, charm, a file, or a dialect such as 2024.1+ossa-2026-015')
export const dialectOption = () =>
  new Option('--dialect <dialect>', `the Keystone that reads it: RELEASE+LEVEL (default: ${usualDialect})`)
export const adminRoleOption = () => new Option('--admin-role <name>', "the charm's admin-role (default: Admin)")
export const adminDomainOption = () => new Option('--admin-domain-id <id>', "the charm's admin domain")
export const serviceProjectOption = () => new Option('--service-project-id <id>', "the charm's services project")

export type Ground = { readonly keystone: Keystone; readonly base: Base }

/** Throws InputError for a dialect that does not exist and for a base that cannot be read. */
export async function loadGround(options: GroundOptions, io: Io): Promise<Ground> {
  const asDialect = dialectIn(options.base)
  if (asDialect !== undefined && options.dialect !== undefined) {
    throw new InputError('`--base` names a dialect already, so `--dialect` has nothing to add')
  }
  const keystone = await loadKeystone(asDialect ?? parseDialect(options.dialect ?? usualDialect))
  return { keystone, base: await loadBase(asDialect === undefined ? options.base : undefined, options, io) }
}

/** A base is a dialect if it begins with a release; nobody calls a file `2025.1` without a folder before it. */
export function dialectIn(base: string | undefined): Dialect | undefined {
  const release = base?.split('+')[0]
  return base !== undefined && releases.some((known) => known === release) ? parseDialect(base) : undefined
}

export async function loadBase(name: string | undefined, options: GroundOptions, io: Io): Promise<Base> {
  if (name === undefined || name === 'default') return { kind: 'default' }
  if (name === 'charm') return { kind: 'charm', settings: settingsOf(options) }
  return { kind: 'file', file: name, text: await readPolicyText(name, io) }
}

function settingsOf({ adminRole, adminDomainId, serviceProjectId }: GroundOptions): Partial<CharmSettings> {
  return {
    ...(adminRole === undefined ? {} : { adminRole }),
    ...(adminDomainId === undefined ? {} : { adminDomainId }),
    ...(serviceProjectId === undefined ? {} : { serviceProjectId }),
  }
}

/** Throws InputError for a file that is not there or no UTF-8. */
export async function readPolicyText(file: string, io: Io): Promise<string> {
  try {
    const bytes = await readFile(resolve(io.cwd, file))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`\`${file}\` is not UTF-8`, { cause: error })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new InputError(`cannot read \`${file}\`: ${code}`, { cause: error })
  }
}
