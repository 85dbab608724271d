import { useSignal } from '@preact/signals'
import { count } from '../../../report/view/count.ts'
import type { EvidenceAnswer, EvidenceHit } from '../../model.ts'
import { Link } from '../link.tsx'
import { Empty, Page, Trouble } from '../page.tsx'
import { address, refine, tenantHref } from '../route.ts'
import { useAnswer } from '../use-answer.ts'
import type { Loaded } from '../use-answer.ts'
import { When } from '../time.tsx'

export function EvidencePage() {
  const query = address.value.searchParams.get('q') ?? ''
  const typed = useSignal(query)
  const answer = useAnswer<EvidenceAnswer>(query === '' ? undefined : `/api/evidence?q=${encodeURIComponent(query)}`)
  return (
    <Page
      title="Evidence"
      lead="The evidence behind a request: search by its id, as in the log of a service; by the name or id of an object; by a claim."
    >
      <form
        class="bar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          refine({ q: typed.value.trim() })
        }}
      >
        <label class="field grow">
          <span>Request id, object or claim</span>
          <input
            type="search"
            name="q"
            value={typed.value}
            placeholder="req-..."
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => {
              typed.value = event.currentTarget.value
            }}
          />
        </label>
        <button type="submit" class="primary">
          Search
        </button>
      </form>
      <Result answer={answer} query={query} />
    </Page>
  )
}

function Result({ answer, query }: { readonly answer: Loaded<EvidenceAnswer> | undefined; readonly query: string }) {
  if (answer === undefined) return undefined
  switch (answer.kind) {
    case 'asking':
      return <p class="quiet">Searching ...</p>
    case 'failed':
      return (
        <Trouble title="No search yet">
          <p>{answer.because}</p>
        </Trouble>
      )
    case 'answered': {
      const { hits, isCut, unsearched, problems } = answer.value
      return (
        <>
          {problems.map((problem) => (
            <Trouble key={problem} title="Invalid evidence">
              <p>{problem}</p>
            </Trouble>
          ))}
          <p class="count" role="status">
            {hits.length === 0 ? '' : `${isCut ? 'the first ' : ''}${count(hits.length, 'record')}`}
            {unsearched === 0
              ? ''
              : ` ${count(unsearched, 'tenant')} not searched for lack of time: a whole id is found at once`}
          </p>
          {hits.length === 0 && unsearched === 0 ? (
            <Empty title={`No evidence names ${query}`}>
              <p>
                Only the requests of gates and of changes are recorded. A part of an id is enough, with three characters
                at least.
              </p>
            </Empty>
          ) : (
            <ol class="hits">
              {hits.map((hit) => (
                <Hit key={hit.hash} hit={hit} />
              ))}
            </ol>
          )}
        </>
      )
    }
  }
}

function Hit({ hit }: { readonly hit: EvidenceHit }) {
  const { cloud, tenant, seq, at, title, matched, requests, record, hash } = hit
  return (
    <li>
      <header>
        <h2>{title}</h2>
        <span class="quiet">
          <Link href={tenantHref(cloud, tenant)}>{tenant}</Link> on {cloud}, record {seq}, <When at={at} hasSeconds />
        </span>
      </header>
      <ul class="matched">
        {matched.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {requests.length === 0 ? undefined : (
        <ul class="requests">
          {requests.map((request, index) => (
            <li key={index}>
              <code>
                {request.method} {request.path}
              </code>{' '}
              <span>
                {request.status ?? 'no answer'}, {request.service}, as {request.actor}, {request.ms} ms
              </span>{' '}
              <code>{request.id ?? ''}</code>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>The whole record</summary>
        <pre tabIndex={0} aria-label={`Record ${seq}`}>
          <code>{JSON.stringify(record, undefined, 2)}</code>
        </pre>
        <p class="quiet">
          <code>{hash}</code>
        </p>
      </details>
    </li>
  )
}
