import { count } from '../../../report/view/count.ts'
import type { AuditView } from '../../model.ts'
import { Findings } from '../findings.tsx'
import { Empty, Page, Trouble } from '../page.tsx'
import { useAnswer } from '../use-answer.ts'
import { When } from '../time.tsx'

export function AuditPage() {
  const answer = useAnswer<readonly AuditView[]>('/api/audits')
  return (
    <Page
      title="Audit"
      lead="Every account's roles, compared with the expected roles: the latest recorded audit of each cloud."
    >
      {answer?.kind === 'failed' ? (
        <Trouble title="The audits could not be read">
          <p>{answer.because}</p>
        </Trouble>
      ) : answer?.kind === 'answered' ? (
        <Clouds views={answer.value} />
      ) : (
        <p class="quiet">Reading ...</p>
      )}
    </Page>
  )
}

function Clouds({ views }: { readonly views: readonly AuditView[] }) {
  const kept = views.filter(({ audit, problem }) => audit !== undefined || problem !== undefined)
  const missing = views.filter((view) => !kept.includes(view)).map(({ cloud }) => cloud)
  const [first = 'prod'] = missing
  const command = `tenant-onboard audit --cloud ${first} --record`
  return (
    <>
      {kept.map((view) => (
        <CloudAudit key={view.cloud} view={view} />
      ))}
      {kept.length === 0 ? (
        <Empty title="No audit was recorded yet">
          <p>An audit is read-only. To show its result here:</p>
          <pre>
            <code>{command}</code>
          </pre>
        </Empty>
      ) : missing.length > 0 ? (
        <p class="quiet">
          No audit was recorded of {missing.join(', ')}: <code>{command}</code>
        </p>
      ) : undefined}
    </>
  )
}

function CloudAudit({ view: { cloud, audit, problem } }: { readonly view: AuditView }) {
  if (audit === undefined) {
    return (
      <Trouble title={cloud}>
        <p>{problem ?? ''}</p>
      </Trouble>
    )
  }
  const { at, findings, dependences, counted } = audit
  return (
    <section class="audit" aria-label={cloud}>
      <header>
        <h2>{cloud}</h2>
        <p class="quiet">
          <When at={at} />, {count(counted.tenants, 'tenant')}, {count(counted.users, 'user')},{' '}
          {count(counted.assignments, 'assignment')}, {count(counted.credentials, 'application credential')}
        </p>
      </header>
      {counted.rows.length === 0 ? (
        <p>An earlier release recorded this audit and did not count what it matched. Audit again.</p>
      ) : audit.isAsExpected ? (
        <p>Every account holds its expected roles. Packets: not shown.</p>
      ) : undefined}
      {findings.length === 0 ? undefined : <Findings findings={findings} />}
      {dependences.length === 0 ? undefined : (
        <>
          <h3>Do not disable or delete</h3>
          <ul class="plain">
            {dependences.map(({ user, clusters }) => (
              <li key={user.id}>
                <b>{user.name}</b> keeps {clusters.join(', ')} alive
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
