import { Fragment } from 'preact'
import { Link } from './link.tsx'
import { evidenceHref } from './route.ts'

/** Ids by which a request is found in the logs of the services; each leads to all that it is evidence of. */
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
