import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { count as countText } from '../../../report/view/count.ts'
import type { FleetView } from '../../model.ts'
import { Link } from '../link.tsx'
import { State } from '../mark.tsx'
import type { Sign } from '../mark.tsx'
import { Empty, Page } from '../page.tsx'
import { tenantHref } from '../route.ts'
import { listen } from '../stream.ts'
import { Took, When } from '../time.tsx'

export function FleetPage() {
  const fleets = useSignal<readonly FleetView[] | undefined>(undefined)
  useEffect(
    () =>
      listen('/api/fleets', {
        fleets: (data) => {
          fleets.value = data
        },
      }),
    [],
  )
  return (
    <Page title="Fleet" lead="Many tenants at once: the current or last run of each fleet of this data directory.">
      {fleets.value === undefined ? (
        <p class="quiet">Reading ...</p>
      ) : fleets.value.length === 0 ? (
        <Empty title="No fleet has run from this data directory">
          <p>A fleet is a folder of tenant files:</p>
          <pre>
            <code>tenant-onboard fleet apply FOLDER</code>
          </pre>
        </Empty>
      ) : (
        fleets.value.map((fleet) => <Fleet key={fleet.folder} fleet={fleet} />)
      )}
    </Page>
  )
}

const signs: Readonly<Record<FleetView['state'], Sign>> = { running: 'running', ended: 'good', stopped: 'warn' }

function Fleet({ fleet }: { readonly fleet: FleetView }) {
  const { folder, command, pid, state, startedAt, updatedAt, tenants, ended, counts, perMinute, secondsLeft } = fleet
  const isOn = state === 'running'
  const wanting = counts.refused + counts.failed
  const sign = state === 'ended' && wanting > 0 ? 'bad' : signs[state]
  return (
    <section class="audit fleet" aria-label={folder}>
      <header>
        <h2>
          <code>{folder}</code>
        </h2>
        <p>
          <State status={{ text: `${command} ${isOn ? 'is running' : state}`, tone: sign }} />{' '}
          <span class="quiet">
            pid {pid}, since <When at={startedAt} hasSeconds />,{' '}
            <Took from={startedAt} to={isOn ? undefined : updatedAt} />
            {isOn ? <LastWord at={updatedAt} /> : undefined}
          </span>
        </p>
      </header>
      <p class="steps-bar">
        <progress value={ended} max={Math.max(1, tenants)} aria-label="Tenants ended" />
        <span>
          {ended} of {countText(tenants, 'tenant')}
          {perMinute === undefined ? '' : `, ${perMinute.toFixed(1)} a minute`}
          {isOn && secondsLeft !== undefined ? `, about ${Math.ceil(secondsLeft / 60)} min left` : ''}
        </span>
      </p>
      <Clouds fleet={fleet} />
      <Running fleet={fleet} />
      <Wanting fleet={fleet} />
    </section>
  )
}

/** A killed fleet cannot report it, but its last update gets old. */
function LastWord({ at }: { readonly at: string }) {
  return (
    <>
      , last update at <When at={at} hasSeconds />
    </>
  )
}

const results = ['done', 'unchanged', 'held', 'planned', 'refused', 'failed', 'stopped'] as const

function Clouds({ fleet: { clouds } }: { readonly fleet: FleetView }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="By cloud">
      <table>
        <thead>
          <tr>
            <th scope="col">Cloud</th>
            <th scope="col">Tenants</th>
            <th scope="col">Running</th>
            <th scope="col">Waiting</th>
            {results.map((result) => (
              <th key={result} scope="col">
                {result}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {clouds.map((one) => (
            <tr key={one.cloud}>
              <th scope="row">{one.cloud}</th>
              <td>{one.tenants}</td>
              <td>{one.running}</td>
              <td>{one.waiting}</td>
              {results.map((result) => (
                <td key={result}>{one[result]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Running({ fleet: { state, running } }: { readonly fleet: FleetView }) {
  if (state !== 'running' || running.length === 0) return undefined
  return (
    <>
      <h3>At work</h3>
      <ul class="running">
        {running.map(({ cloud, tenant, stage }) => (
          <li key={`${cloud}/${tenant}`}>
            <Link href={tenantHref(cloud, tenant)}>{tenant}</Link>{' '}
            <span class="quiet">
              {cloud}
              {stage === undefined ? '' : `, ${stage}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Wanting({ fleet: { attention } }: { readonly fleet: FleetView }) {
  if (attention.length === 0) return undefined
  return (
    <>
      <h3>What needs attention</h3>
      <ul class="findings">
        {attention.map(({ result, code, because, remedy, count, tenants }) => (
          <li key={`${result} ${code ?? ''} ${because}`}>
            <div class="finding-head">
              <State
                status={{
                  text: `${result}, ${countText(count, 'tenant')}`,
                  tone: result === 'stopped' ? 'warn' : 'bad',
                }}
              />
              {code === undefined ? undefined : <code>{code}</code>}
            </div>
            <p>{because}</p>
            {remedy === undefined ? undefined : <p class="remedy">{remedy}</p>}
            <p class="where">
              {tenants.join(', ')}
              {count > tenants.length ? ` and ${count - tenants.length} more` : ''}
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
