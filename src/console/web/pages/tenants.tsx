import { useEffect, useMemo } from 'preact/hooks'
import type { TenantRow } from '../../model.ts'
import { Link } from '../link.tsx'
import { State } from '../mark.tsx'
import { Empty, Page } from '../page.tsx'
import { tenantHref } from '../route.ts'
import { tenantSigns } from '../status-icons.ts'
import { listen } from '../stream.ts'
import { Strip } from '../strip.tsx'
import { useRange } from '../use-range.ts'
import { useWidth } from '../use-width.ts'
import { When } from '../time.tsx'
import { TenantsBar } from './tenants-bar.tsx'
import { isComplete, keyOf, shown, takeRows, total } from './tenants-state.ts'

export function TenantsPage() {
  useEffect(
    () =>
      listen('/api/tenants', {
        rows: takeRows,
      }),
    [],
  )
  return (
    <Page
      title="Tenants"
      lead="The state of each tenant from the evidence in this data directory, live. No request goes to a cloud."
    >
      <TenantsBar />
      <List />
    </Page>
  )
}

function List() {
  const rows = shown.value
  const rowHeight = useWidth() < 720 ? 76 : 52
  const { list, range } = useRange(rows.length, rowHeight)
  const { first, last } = range
  const isLoading = total.value === 0 && !isComplete.value
  return (
    <div class="tenants" role="table" aria-label="Tenants" aria-rowcount={rows.length + 1} aria-busy={isLoading}>
      <div role="rowgroup">
        <div class="tenants-head" role="row" aria-rowindex={1}>
          <span role="columnheader">Tenant</span>
          <span role="columnheader">Cloud</span>
          <span role="columnheader">Stages</span>
          <span role="columnheader">State</span>
          <span role="columnheader">Last recorded</span>
        </div>
      </div>
      <div ref={list} class="tenants-rows" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <Row key={keyOf(row)} row={row} top={(first + index) * rowHeight} height={rowHeight} at={first + index + 2} />
        ))}
      </div>
      <None count={rows.length} isLoading={isLoading} />
    </div>
  )
}

function None({ count, isLoading }: { readonly count: number; readonly isLoading: boolean }) {
  if (count > 0) return undefined
  if (isLoading) return <p class="quiet">Reading the data directory ...</p>
  if (total.value > 0) return <Empty title="No tenant matches">Remove a filter to see more.</Empty>
  return (
    <Empty title="There is no tenant here yet">
      <p>Onboard one, and it appears here while it is being made:</p>
      <pre>
        <code>tenant-onboard apply tenant.yaml</code>
      </pre>
      <p>
        Or <code>tenant-onboard demo</code>, which needs no cloud.
      </p>
    </Empty>
  )
}

type RowProps = { readonly row: TenantRow; readonly top: number; readonly height: number; readonly at: number }

/** Drawn again only if its content differs: most rows stay the same while scrolling. */
function Row({ row, top, height, at }: RowProps) {
  return useMemo(() => <RowContent row={row} top={top} height={height} at={at} />, [row, top, height, at])
}

function RowContent({ row, top, height, at }: RowProps) {
  const { cloud, tenant, state, holder, stage, problem } = row
  const doing = holder === undefined ? state : stage === undefined ? holder.command : `${holder.command}: ${stage}`
  return (
    <div
      class="tenants-row"
      role="row"
      aria-rowindex={at}
      style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
    >
      <span role="cell" class="name">
        <Link href={tenantHref(cloud, tenant)}>{tenant}</Link>
      </span>
      <span role="cell" class="cloud">
        {cloud}
      </span>
      <span role="cell">
        <Strip row={row} />
      </span>
      <span role="cell" class="tenant-state" title={problem ?? ''}>
        <State status={{ text: doing, tone: tenantSigns[state] }} />
      </span>
      <span role="cell" class="at">
        {row.at === undefined ? '' : <When at={row.at} />}
      </span>
    </div>
  )
}
