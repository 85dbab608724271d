import { useSignal } from '@preact/signals'
import { Fragment } from 'preact'
import { useEffect } from 'preact/hooks'
import { count } from '../../../report/view/count.ts'
import type { StageName } from '../../../tenant/stage.ts'
import type { LiveView, TenantView } from '../../model.ts'
import { Link } from '../link.tsx'
import { Empty, Page, Trouble } from '../page.tsx'
import { connection, listen } from '../stream.ts'
import { RunNote } from './run-note.tsx'
import { StageDetail } from './stage-detail.tsx'
import { chosenStage, stageLines } from './stage-lines.ts'
import { StageList } from './stage-list.tsx'

type Props = { readonly cloud: string; readonly tenant: string }

export function TenantPage({ cloud, tenant }: Props) {
  const live = useSignal<LiveView | undefined>(undefined)
  const view = useSignal<TenantView | undefined>(undefined)
  const wish = useSignal<StageName | undefined>(undefined)
  useEffect(
    () =>
      listen(`/api/tenants/${encodeURIComponent(cloud)}/${encodeURIComponent(tenant)}`, {
        live: (data) => {
          live.value = data
        },
        tenant: (data) => {
          view.value = data
        },
      }),
    [cloud, tenant],
  )
  const lead = (
    <>
      <Link href="/">All tenants</Link>
      <span aria-hidden="true"> / </span>
      {cloud}
    </>
  )
  if (connection.value === 'missing') {
    return (
      <Page title={tenant} lead={lead}>
        <Empty title="There is no such tenant here">
          <p>Its folder may have been moved, or the address has a typing error.</p>
        </Empty>
      </Page>
    )
  }
  if (view.value === undefined || live.value === undefined) {
    return (
      <Page title={tenant} lead={lead}>
        <p class="quiet">Reading the evidence ...</p>
      </Page>
    )
  }
  const lines = stageLines(view.value, live.value)
  const chosen = chosenStage(lines, wish.value)
  return (
    <Page title={tenant} lead={lead}>
      {view.value.problem === undefined ? undefined : (
        <Trouble title="The evidence is invalid">
          <p>{view.value.problem}</p>
        </Trouble>
      )}
      <RunNote live={live.value} />
      <div class="stages">
        <StageList
          lines={lines}
          chosen={chosen.stage}
          choose={(stage) => {
            wish.value = stage
          }}
        />
        <StageDetail line={chosen} />
      </div>
      <About view={view.value} />
    </Page>
  )
}

function About({ view }: { readonly view: TenantView }) {
  const { path, records, head, file, notes, usedCloud } = view
  return (
    <section class="about" aria-label="Sources">
      <dl>
        {usedCloud === undefined ? undefined : (
          <>
            <dt>Latest run</dt>
            <dd>{usedCloud}</dd>
          </>
        )}
        <dt>Home</dt>
        <dd>
          <code>{path}</code>
        </dd>
        <dt>Evidence</dt>
        <dd>
          {count(records, 'record')}
          {head === undefined ? undefined : (
            <>
              , the chain ends with <code>{head}</code>
            </>
          )}
        </dd>
        <dt>Compared with</dt>
        <dd>
          {file === undefined ? (
            'the latest gate, because the file of the latest run is unknown or gone'
          ) : (
            <>
              <code>{file}</code>, in its current state
            </>
          )}
        </dd>
        {notes.map(({ at, text }) => (
          <Fragment key={`${at} ${text}`}>
            <dt>Note</dt>
            <dd>
              {at}: {text}
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}
