/**
 * How the charm processes a `policyd-override`: from the operator's zip to the folder that Keystone reads.
 * charm-helpers 99980625, charmhelpers/contrib/openstack/policyd.py: is_policyd_override_valid_on_this_release,
 * read_and_validate_yaml, process_policy_resource_file, _yamlfiles.
 */
import { InputError } from '../errors.ts'
import { parsePolicyFile } from './engine/file.ts'
import type { PolicyFile } from './engine/file.ts'
import { composeYaml } from './python/yaml-composer.ts'

/** A file of the zip; folders in its path are allowed and ignored. */
export type ZipEntry = { readonly path: string; readonly text: string }

export type PolicydVerdict =
  | { readonly kind: 'accepted'; readonly files: readonly Installed[]; readonly ignored: readonly string[] }
  /** The charm empties its folder and shows `PO (broken)`: no file of the zip is in force. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly path?: string }

/** A file as it is in policy.d: sorted, without comments, under another name. */
export type Installed = { readonly from: string; readonly name: string; readonly overridesProtected: readonly string[] }

const yamlExtensions = new Set(['yaml', 'yml'])
/** Keystone's charm has no function for templates, so one template invalidates the zip. */
const templateExtensions = new Set(['j2', 'tmpl', 'tpl'])

/**
 * The names that policyd intends to protect. It appends them to its blacklist as one tuple, and no rule has the name of
 * a tuple, so an override of them is accepted.
 */
export const protectedRules = ['admin_required', 'cloud_admin'] as const

export function policydVerdict(entries: readonly ZipEntry[]): PolicydVerdict {
  const candidates = entries.filter(({ path }) => isCandidate(path))
  const ignored = entries.filter(({ path }) => !isCandidate(path)).map(({ path }) => path)
  const names = candidates.map(({ path }) => baseName(path))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return { kind: 'rejected', reason: `\`${twice}\` is the name of two files in the zip` }
  // more than a file system takes: the write fails
  const long = names.find((name) => new TextEncoder().encode(`${name}.yaml`).length > 255)
  if (long !== undefined) return { kind: 'rejected', reason: 'the name of a file in the zip is too long for a file' }
  if (candidates.length === 0) return { kind: 'rejected', reason: 'the zip has no .yaml or .yml file' }
  const files: Installed[] = []
  for (const { path, text } of candidates) {
    if (templateExtensions.has(extensionOf(path))) {
      return { kind: 'rejected', reason: 'the charm of Keystone renders no templates', path }
    }
    const problem = charmRejection(path, text)
    if (problem !== undefined) return { kind: 'rejected', reason: problem, path }
    const { rules } = parsePolicyFile(text, { file: path })
    const overridesProtected = protectedRules.filter((name) => rules.some((rule) => rule.name === name))
    files.push({ from: path, name: `${baseName(path)}.yaml`, overridesProtected })
  }
  return { kind: 'accepted', files, ignored }
}

/** Why the charm refuses a zip with this file; `undefined` if it takes it. */
export function charmRejection(path: string, text: string): string | undefined {
  try {
    const policy = parsePolicyFile(text, { file: path })
    const [first] = charmProblems(policy)
    if (first !== undefined) return first.message
    // A file with only comments is None for YAML, and None is not a dictionary.
    return composeYaml(text)?.kind === 'mapping' ? undefined : 'the file has no rules'
  } catch (error) {
    if (error instanceof InputError) return error.problems[0]?.message ?? error.message
    throw error
  }
}

export type CharmProblem = { readonly name: string; readonly message: string }

/** Rules that YAML can express and oslo.policy would accept, but the charm refuses: everything that is not text. */
export function charmProblems(policy: PolicyFile): readonly CharmProblem[] {
  return [
    ...policy.unreachable.map(({ name }) => ({ name, message: `the name \`${name}\` is not text` })),
    ...policy.rules
      .filter(({ value }) => typeof value !== 'string')
      .map(({ name }) => ({ name, message: `the value of \`${name}\` is not text` })),
  ]
}

export function isCandidate(path: string): boolean {
  const extension = extensionOf(path)
  return yamlExtensions.has(extension) || templateExtensions.has(extension)
}

/** As os.path.splitext: the dots that a name begins with are no extension. */
function extensionOf(path: string): string {
  const name = (path.split('/').at(-1) ?? path).replace(/^\.+/, '')
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

function baseName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, '')
}
