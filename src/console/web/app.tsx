import type { ComponentChildren } from 'preact'
import { Link } from './link.tsx'
import { Empty, Page } from './page.tsx'
import { AuditPage } from './pages/audit.tsx'
import { EvidencePage } from './pages/evidence.tsx'
import { FleetPage } from './pages/fleet.tsx'
import { MatrixPage } from './pages/matrix.tsx'
import { PlaygroundPage } from './pages/playground.tsx'
import { TenantPage } from './pages/tenant.tsx'
import { TenantsPage } from './pages/tenants.tsx'
import { path } from './route.ts'
import { connection } from './stream.ts'

const places = [
  { href: '/', title: 'Tenants', heads: [undefined, 'tenants'] },
  { href: '/access', title: 'Access', heads: ['access'] },
  { href: '/policy', title: 'Policy', heads: ['policy'] },
  { href: '/audit', title: 'Audit', heads: ['audit'] },
  { href: '/evidence', title: 'Evidence', heads: ['evidence'] },
  { href: '/fleet', title: 'Fleet', heads: ['fleet'] },
] as const

export function App() {
  const [head] = path.value
  return (
    <>
      <a class="skip" href="#main">
        To the page
      </a>
      <header class="top">
        <Link class="brand" href="/">
          <img src="/assets/icon.svg" alt="" width="20" height="20" />
          tenant-onboard
        </Link>
        <nav aria-label="Pages">
          {places.map(({ href, title, heads }) => {
            const isHere = heads.some((one) => one === head)
            return (
              <Link key={href} href={href} {...(isHere ? { 'aria-current': 'page' as const } : {})}>
                {title}
              </Link>
            )
          })}
        </nav>
        <ConnectionNote />
      </header>
      <PageHere />
    </>
  )
}

/** Always there, so that nothing moves when a message appears. */
function ConnectionNote() {
  const message = {
    connecting: '',
    open: '',
    missing: '',
    lost: 'No answer from the console. Trying again.',
    'signed out': 'Signed out: the console was started again. Open the link that it printed.',
  }
  const text = message[connection.value]
  return (
    <p class={text === '' ? 'connection' : 'connection is-lost'} role="status">
      {text}
    </p>
  )
}

function PageHere(): ComponentChildren {
  const [head, cloud, tenant, ...rest] = path.value
  if (rest.length > 0) return <Missing />
  if (head === 'tenants' && cloud !== undefined && tenant !== undefined) {
    return <TenantPage key={`${cloud}/${tenant}`} cloud={cloud} tenant={tenant} />
  }
  if (cloud !== undefined) return <Missing />
  switch (head) {
    case undefined:
    case 'tenants':
      return <TenantsPage />
    case 'access':
      return <MatrixPage />
    case 'policy':
      return <PlaygroundPage />
    case 'audit':
      return <AuditPage />
    case 'evidence':
      return <EvidencePage />
    case 'fleet':
      return <FleetPage />
    default:
      return <Missing />
  }
}

function Missing() {
  return (
    <Page title="No such page">
      <Empty title="Nothing has this address">
        <p>
          <Link href="/">All tenants</Link>
        </p>
      </Empty>
    </Page>
  )
}
