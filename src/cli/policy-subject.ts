import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import { InputError } from '../errors.ts'
import type { CharmSettings } from '../policy/releases/charm.ts'
import { parseRelease, releases } from '../policy/releases/release.ts'
import type { KeystoneRelease } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Base, Keystone } from '../policy/releases/keystone.ts'
import type { CommandContext } from './context.ts'

/* What every policy command needs: a Keystone of some release, and its base policy. */

/** A charmed cloud of 2024.1 with the fixes of May 2026: most users who need an override have one. */
const usualRelease = '2024.1+ossa-2026-015'

export type PolicySubjectOptions = {
  readonly base?: string | undefined
  readonly release?: string | undefined
  readonly adminRole?: string | undefined
  readonly adminDomainId?: string | undefined
  readonly serviceProjectId?: string | undefined
}

export const baseOption = () =>
  new Option('--base <base>', 'the base policy: default, charm, a file, or a release such as 2024.1+ossa-2026-015')
export const releaseOption = () =>
  new Option('--release <release>', `the Keystone release that reads it: RELEASE+LEVEL (default: ${usualRelease})`)
export const adminRoleOption = () => new Option('--admin-role <name>', "the charm's admin-role (default: Admin)")
export const adminDomainOption = () => new Option('--admin-domain-id <id>', "the charm's admin domain")
export const serviceProjectOption = () => new Option('--service-project-id <id>', "the charm's services project")

export type PolicySubject = { readonly keystone: Keystone; readonly base: Base }

/** Throws InputError for an unknown release and for a base that cannot be read. */
export async function loadPolicySubject(options: PolicySubjectOptions, io: CommandContext): Promise<PolicySubject> {
  const asRelease = releaseIn(options.base)
  if (asRelease !== undefined && options.release !== undefined) {
    throw new InputError('`--base` names a release already, so omit `--release`')
  }
  const keystone = await loadKeystone(asRelease ?? parseRelease(options.release ?? usualRelease))
  return { keystone, base: await loadBase(asRelease === undefined ? options.base : undefined, options, io) }
}

/** A base is a release if it begins with one. A file called `2025.1` needs a folder before its name. */
export function releaseIn(base: string | undefined): KeystoneRelease | undefined {
  const release = base?.split('+')[0]
  return base !== undefined && releases.some((known) => known === release) ? parseRelease(base) : undefined
}

export async function loadBase(
  name: string | undefined,
  options: PolicySubjectOptions,
  io: CommandContext,
): Promise<Base> {
  if (name === undefined || name === 'default') return { kind: 'default' }
  if (name === 'charm') return { kind: 'charm', settings: settingsOf(options) }
  return { kind: 'file', file: name, text: await readPolicyText(name, io) }
}

function settingsOf({ adminRole, adminDomainId, serviceProjectId }: PolicySubjectOptions): Partial<CharmSettings> {
  return {
    ...(adminRole === undefined ? {} : { adminRole }),
    ...(adminDomainId === undefined ? {} : { adminDomainId }),
    ...(serviceProjectId === undefined ? {} : { serviceProjectId }),
  }
}

/** Throws InputError for a file that is missing or not UTF-8. */
export async function readPolicyText(file: string, io: CommandContext): Promise<string> {
  try {
    const bytes = await readFile(resolve(io.cwd, file))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`\`${file}\` is not UTF-8`, { cause: error })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new InputError(`cannot read \`${file}\`: ${code}`, { cause: error })
  }
}
