import { computed, signal } from '@preact/signals'
import { naturally } from '../../../natural-order.ts'
import type { RowsEvent, TenantRow, TenantState } from '../../model.ts'
import { tenantSigns } from '../status-icons.ts'

/* The list, kept while other pages are shown, so that it appears at once on return. */

const rows = signal<ReadonlyMap<string, TenantRow>>(new Map())
export const isComplete = signal(false)

export const search = signal('')
export const only = signal<TenantState | undefined>(undefined)
export const cloud = signal('')
export const order = signal<'name' | 'attention'>('name')

export function takeRows({ rows: news, gone, isComplete: isAll }: RowsEvent): void {
  const next = new Map(rows.value)
  for (const row of news) next.set(keyOf(row), row)
  for (const one of gone) next.delete(keyOf(one))
  rows.value = next
  isComplete.value = isAll
}

export function keyOf({ cloud: one, tenant }: { readonly cloud: string; readonly tenant: string }): string {
  return `${one}/${tenant}`
}

export const clouds = computed(() => [...new Set([...rows.value.values()].map((row) => row.cloud))].sort(naturally))
export const total = computed(() => rows.value.size)

/** The tenants that match search and cloud, before a state is chosen: the counts beside the states. */
const searched = computed(() => {
  const message = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  return [...rows.value.values()].filter((row) => {
    if (cloud.value !== '' && row.cloud !== cloud.value) return false
    const text = `${row.cloud} ${row.tenant}`.toLowerCase()
    return message.every((word) => text.includes(word))
  })
})

/** The most urgent first. */
const states = Object.keys(tenantSigns).filter((state): state is TenantState => state in tenantSigns)

export const counts = computed(() =>
  states.map((state) => ({ state, count: searched.value.filter((row) => row.state === state).length })),
)

export const shown = computed(() => {
  const some = only.value === undefined ? searched.value : searched.value.filter((row) => row.state === only.value)
  const byName = (a: TenantRow, b: TenantRow): number => naturally(a.tenant, b.tenant) || naturally(a.cloud, b.cloud)
  const grade = (row: TenantRow): number => states.indexOf(row.state)
  return order.value === 'name' ? some.sort(byName) : some.sort((a, b) => grade(a) - grade(b) || byName(a, b))
})
