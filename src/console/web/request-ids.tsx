import { Fragment } from 'preact'
import { Link } from './link.tsx'
import { evidenceHref } from './route.ts'

/** Ids for the logs of the services; each links to its evidence. */
export function RequestIds({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return undefined
  return (
    <span class="request-ids">
      {ids.map((id) => (
        <Fragment key={id}>
          <Link href={evidenceHref(id)}>{id}</Link>{' '}
        </Fragment>
      ))}
    </span>
  )
}
