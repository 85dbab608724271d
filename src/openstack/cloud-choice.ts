/**
 * The cloud that a command works on. A flag beats a file, and a file beats the environment. Where two of them name different
 * clouds, the command ends before anything is sent (docs/decisions/0167).
 */
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { isSameAddress } from './address.ts'
import { addressOf, configOf, nonEmpty, readClouds } from './clouds.ts'
import type { CloudConfig, CloudSources, KnownClouds } from './clouds.ts'

/** What names a cloud, besides the environment. */
export type CloudWish = {
  /** Of `--cloud`. */
  readonly flag?: string | undefined
  /** `cloud` of a tenant file. */
  readonly file?: CloudOfFile | undefined
  /** Of `--region`. */
  readonly region?: string | undefined
}

export type CloudOfFile = { readonly name: string; readonly path: string }

/** A cloud, as one source names it. */
type Named = {
  /** Of an entry of clouds.yaml, or of the `OS_*` variables as one. */
  readonly entry: string
  /** Keystone's; `undefined` if there is no such entry. */
  readonly address: string | undefined
  /** The source, for people. */
  readonly by: string
}

/** Throws `InputError` if two sources name different clouds, if nothing names one, and for what is wrong with its entry. */
export async function chooseCloud({ flag, file, region }: CloudWish, sources: CloudSources): Promise<CloudConfig> {
  const known = await readClouds(sources)
  const inFile = file && named(file.name, `\`cloud\` of ${file.path}`, known)
  const { selected, variables } = environment(known, sources.env)
  if (flag !== undefined) {
    const inFlag = named(flag, '--cloud', known)
    // a data directory has the file's name and belongs to one cloud; the account may be another
    if (inFile !== undefined && !isSameCloud(inFlag, inFile))
      throw contradiction(inFlag, inFile, leaveOut(flag, inFile))
    return configOf({ name: flag, by: '--cloud', region }, known, sources)
  }
  if (inFile === undefined) {
    if (selected !== undefined && variables !== undefined && !isSameCloud(selected, variables))
      throw contradiction(selected, variables, `--cloud ${selected.entry} or --cloud ${variables.entry} settles it`)
    return configOf({ region }, known, sources)
  }
  if (selected !== undefined && selected.entry !== inFile.entry)
    throw contradiction(inFile, selected, settle(inFile, selected))
  if (variables !== undefined && !isSameCloud(inFile, variables))
    throw contradiction(inFile, variables, settle(inFile, variables))
  if (known.entries.has(inFile.entry) || variables === undefined || selected !== undefined)
    return configOf({ name: inFile.entry, by: inFile.by, region }, known, sources)
  // an openrc without a clouds.yaml: the name in the file is that of the data directory, and the variables say where it is
  if (sources.env['OS_CLOUD_NAME'] !== undefined && variables.entry !== inFile.entry)
    throw contradiction(inFile, { ...variables, by: 'OS_CLOUD_NAME' }, settle(inFile, variables))
  return configOf({ name: variables.entry, region }, known, sources)
}

/**
 * For a command whose tenant files name each its cloud: the environment may name one of them, and no other. Throws
 * `InputError`.
 */
export async function refuseOtherEnvironment(files: readonly CloudOfFile[], sources: CloudSources): Promise<void> {
  const known = await readClouds(sources)
  const { selected, variables } = environment(known, sources.env)
  const inFiles = files.map(({ name, path }) => named(name, `\`cloud\` of ${path}`, known))
  const [first] = inFiles
  if (first === undefined) return
  const hint = (variable: string): string => `unset ${variable}: each tenant file names its own cloud`
  if (selected !== undefined && !inFiles.some(({ entry }) => entry === selected.entry))
    throw contradiction(first, selected, hint('OS_CLOUD'))
  if (variables !== undefined && !inFiles.some((one) => isSameCloud(one, variables)))
    throw contradiction(first, variables, hint('OS_AUTH_URL'))
}

/** What `OS_CLOUD` selects, and what the other variables describe. */
function environment(
  known: KnownClouds,
  env: CloudSources['env'],
): { readonly selected: Named | undefined; readonly variables: Named | undefined } {
  const name = nonEmpty(env['OS_CLOUD'])
  const described = known.variables === undefined ? undefined : named(known.variables, 'OS_AUTH_URL', known)
  return {
    selected: name === undefined ? undefined : named(name, 'OS_CLOUD', known),
    // a password alone names no cloud
    variables: described?.address === undefined ? undefined : described,
  }
}

function named(entry: string, by: string, known: KnownClouds): Named {
  return { entry, by, address: addressOf(entry, known) }
}

/** A name without an address contradicts nothing. */
function isSameCloud(a: Named, b: Named): boolean {
  return a.address === undefined || b.address === undefined || isSameAddress(a.address, b.address)
}

function contradiction(a: Named, b: Named, hint: string): InputError {
  const problem: Problem = { message: `two clouds are named: ${described(a)}, and ${described(b)}`, hint }
  return new InputError([problem])
}

function described({ entry, address, by }: Named): string {
  return `\`${entry}\` by ${by} (${address ?? 'no entry of clouds.yaml'})`
}

function leaveOut(flag: string, { entry, by }: Named): string {
  return `omit --cloud to work on \`${entry}\`; to work on \`${flag}\`, change ${by}`
}

function settle(inFile: Named, other: Named): string {
  if (inFile.address === undefined) return `--cloud ${other.entry} says that this is the cloud`
  const stay = `--cloud ${inFile.entry} works on \`${inFile.entry}\``
  return isSameCloud(inFile, other)
    ? `${stay}; --cloud ${other.entry} works there with the account of \`${other.entry}\``
    : `${stay}; for the other one, change ${inFile.by}`
}
