import { computed, signal } from '@preact/signals'
import { releaseWith } from '../../../policy/releases/release.ts'
import type { Fix, Release } from '../../../policy/releases/release.ts'
import type { PolicyChoice } from './protocol.ts'

/* The subject of both policy pages: a choice on one applies to the other. */

/** A charmed cloud with the fixes of May 2026: most users who need an override have one. */
export const release = signal<Release>('unmaintained/2024.1')
/** Those that a distribution put in, beside the package's own. */
export const fixes = signal<readonly Fix[]>(['ossa-2026-015'])
export const base = signal<'default' | 'charm'>('charm')

/** The policy over the base: none, the result of `policy build`, or the text of the playground. */
export const layer = signal<'none' | 'built' | 'playground'>('built')

/** The text in the playground; `undefined` until the first visit. */
export const text = signal<string | undefined>(undefined)

export const choice = computed<PolicyChoice>(() => ({
  release: releaseWith(release.value, fixes.value),
  base: base.value,
  override: undefined,
}))
