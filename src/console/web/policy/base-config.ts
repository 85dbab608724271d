import { computed, signal } from '@preact/signals'
import type { Release, FixLevel } from '../../../policy/releases/release.ts'
import type { PolicyChoice } from './protocol.ts'

/* The subject of both policy pages: a choice on one applies to the other. */

/** A charmed cloud with the fixes of May 2026: most users who need an override have one. */
export const release = signal<Release>('2024.1')
export const security = signal<FixLevel>('ossa-2026-015')
export const base = signal<'default' | 'charm'>('charm')

/** The policy over the base: none, the result of `policy build`, or the text of the playground. */
export const layer = signal<'none' | 'built' | 'playground'>('built')

/** The text in the playground; `undefined` until the first visit. */
export const text = signal<string | undefined>(undefined)

export const choice = computed<PolicyChoice>(() => ({
  release: { name: release.value, level: security.value },
  base: base.value,
  override: undefined,
}))
