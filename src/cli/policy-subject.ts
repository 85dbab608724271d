import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import type { CharmSettings } from '../policy/releases/charm.ts'
import { isReleaseName, parseRelease } from '../policy/releases/release.ts'
import type { KeystoneRelease } from '../policy/releases/release.ts'
import { parsePolicyFile } from '../policy/engine/file.ts'
import { isHorizonPolicy } from '../policy/build/horizon-policy.ts'
import { foreignActionIn } from '../policy/foreign.ts'
import { loadKeystone, ruleNames } from '../policy/releases/keystone.ts'
import type { Base, Keystone, PolicyText } from '../policy/releases/keystone.ts'
import type { CommandContext } from './context.ts'
import type { PolicyLintOptions } from './definitions/policy.ts'
import { usualRelease } from './options.ts'
import { readInputBytes } from '../tenant/input-file.ts'

/* What every policy command needs: a Keystone of some release, and its base policy. */

export type PolicySubjectOptions = Pick<
  PolicyLintOptions,
  'base' | 'release' | 'fixes' | 'adminRole' | 'adminDomainId' | 'serviceProjectId'
>

export type PolicySubject = { readonly keystone: Keystone; readonly base: Base }

/** Throws InputError for an unknown release and for a base that cannot be read. */
export async function loadPolicySubject(options: PolicySubjectOptions, io: CommandContext): Promise<PolicySubject> {
  const asRelease = releaseIn(options.base, options.fixes)
  if (asRelease !== undefined && options.release !== undefined) {
    throw new InputError('`--base` names a release already, so omit `--release`')
  }
  if (options.fixes !== undefined && asRelease === undefined && options.release === undefined) {
    throw new InputError('`--fixes` says what was put into a package: name the package by `--base` or `--release`')
  }
  const keystone = await loadKeystone(asRelease ?? parseRelease(options.release ?? usualRelease, options.fixes))
  return { keystone, base: await loadBase(asRelease === undefined ? options.base : undefined, options, io) }
}

/**
 * A base is a release if it looks like one. A file called `2025.1` needs a folder before its name. Throws InputError for
 * a release that is not known.
 */
export function releaseIn(base: string | undefined, fixes?: string): KeystoneRelease | undefined {
  if (base === undefined) return undefined
  const looksLikeOne = /^(?:\d+:)?\d\d\.\d+\.\d+(?:[-~+ ][^/]*)?$|^(?:zed|debian-\d+|20\d\d\.\d)(?:[+ ][^/]*)?$/.test(
    base,
  )
  return looksLikeOne || isReleaseName(base) ? parseRelease(base, fixes) : undefined
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

/** Reads overrides. Throws InputError for one that is another service's policy: nothing in it is ever asked. */
export async function readOverrides(
  files: readonly string[],
  { keystone, base }: PolicySubject,
  io: CommandContext,
): Promise<readonly PolicyText[]> {
  const overrides = await Promise.all(files.map(async (file) => ({ file, text: await readPolicyText(file, io) })))
  for (const { file, text } of [...(base.kind === 'file' ? [base] : []), ...overrides]) {
    const action = foreignActionIn(parsePolicyFile(text, { file }).rules, new Set(ruleNames(keystone)))
    if (action === undefined) continue
    throw new InputError(
      `\`${file}\` has no action of Keystone's: these are not Keystone's rules, \`${action}\` is another service's`,
    )
  }
  return overrides
}

/** Throws InputError for a file that is missing or not UTF-8, and for Horizon's, in which every manager is an admin. */
export async function readPolicyText(file: string, io: CommandContext): Promise<string> {
  const bytes = await readInputBytes(resolve(io.cwd, file), { shown: file })
  if (bytes === undefined) throw new InputError(`cannot read \`${file}\`: it is missing, or you may not read it`)
  try {
    // a byte order mark stays: Keystone's reader sees it too
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!isHorizonPolicy(text)) return text
  } catch (error) {
    throw new InputError(`\`${file}\` is not UTF-8`, { cause: error })
  }
  throw new InputError([
    {
      message: `\`${file}\` is for the dashboard and not for Keystone, which would treat every domain manager as an admin`,
      hint: 'name the override that `tenant-onboard policy build --out` wrote',
    },
  ])
}
