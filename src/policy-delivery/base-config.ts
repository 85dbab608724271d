/** The known base of an override: without it a rule means nothing on paper. */
import { sortPolicyFiles } from '../policy/engine/file.ts'
import type { Base, Keystone, PolicyText } from '../policy/releases/keystone.ts'
import { overrideName } from '../policy/build/zip.ts'

export type PolicyBase = {
  readonly keystone: Keystone
  readonly base: Base
  /** Other files in the folder that Keystone reads. */
  readonly others: readonly PolicyText[]
}

/** Every file over the base, in the order in which Keystone loads them; `text` is ours, if there is one. */
export function overridesWith({ others }: Pick<PolicyBase, 'others'>, text: string | undefined): readonly PolicyText[] {
  const all = text === undefined ? others : [...others, { file: overrideName, text }]
  return sortPolicyFiles(all.map(({ file }) => file)).flatMap((name) => all.find(({ file }) => file === name) ?? [])
}
