/** The command that makes an override: what it was built for, as it is typed. It stands in the head of the file. */
import { usualMagnumDomain } from '../model/cloud-facts.ts'
import { renderRelease } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import type { Base } from '../releases/keystone.ts'
import { defaultManagedRoles } from './managed-roles.ts'

export type BuiltFor = {
  readonly release: KeystoneRelease
  readonly base: Base
  /** Absent: the usual ones. */
  readonly managedRoles?: readonly string[] | undefined
  readonly magnumDomain?: string | undefined
}

/** Without what is usual, and without the place of the result. */
export function buildCommand({ release, base, managedRoles, magnumDomain = usualMagnumDomain }: BuiltFor): string {
  const roles = managedRoles === undefined || isUsual(managedRoles) ? [] : managedRoles
  const options = [
    ...baseOptions(release, base),
    ...(magnumDomain === usualMagnumDomain ? [] : ['--magnum-domain', magnumDomain]),
    ...(roles.length === 0 ? [] : ['--managed-roles', ...roles]),
  ]
  return ['tenant-onboard policy build', ...options.map(shellWord)].join(' ')
}

function isUsual(roles: readonly string[]): boolean {
  return (
    new Set([...roles, ...defaultManagedRoles]).size === roles.length && roles.length === defaultManagedRoles.length
  )
}

function baseOptions(release: KeystoneRelease, base: Base): readonly string[] {
  switch (base.kind) {
    case 'default':
      return ['--base', ...releaseWords(release)]
    case 'charm': {
      const { adminRole, adminDomainId, serviceProjectId } = base.settings ?? {}
      return [
        ...['--base', 'charm', '--release', ...releaseWords(release)],
        ...(adminRole === undefined ? [] : ['--admin-role', adminRole]),
        ...(adminDomainId === undefined ? [] : ['--admin-domain-id', adminDomainId]),
        ...(serviceProjectId === undefined ? [] : ['--service-project-id', serviceProjectId]),
      ]
    }
    case 'file':
      return ['--base', base.file, '--release', ...releaseWords(release)]
  }
}

/** With `--fixes` and their names, where a distribution put them in. */
function releaseWords(release: KeystoneRelease): readonly string[] {
  return renderRelease(release).split(' ')
}

/** The command in the head of an override, split into the words after `policy build`; `undefined` if it has none. */
export function builtBy(text: string): readonly string[] | undefined {
  const command = /^# +tenant-onboard policy build( .*)$/m.exec(text)?.[1]
  return command === undefined
    ? undefined
    : [...command.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) => bare(word))
}

/** For a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=~,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function bare(word: string): string {
  return word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? '')
}
