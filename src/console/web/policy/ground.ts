import { computed, signal } from '@preact/signals'
import type { Release, FixLevel } from '../../../policy/releases/release.ts'
import type { PolicyChoice } from './protocol.ts'

/* What both policy pages stand on: a choice made on one holds on the other. */

/** A charmed cloud with the fixes of May 2026: what most people who need an override have. */
export const release = signal<Release>('2024.1')
export const security = signal<FixLevel>('ossa-2026-015')
export const base = signal<'default' | 'charm'>('charm')

/** What lies on top: nothing, what `policy build` makes, or what stands in the playground. */
export const layer = signal<'none' | 'built' | 'playground'>('built')

/** The text in the playground; `undefined` until somebody has been there. */
export const text = signal<string | undefined>(undefined)

export const choice = computed<PolicyChoice>(() => ({
  release: { name: release.value, level: security.value },
  base: base.value,
  override: undefined,
}))
