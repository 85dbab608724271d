/**
 * May a domain manager work in the dashboard? Signs in as a person would, looks at three pages and signs out; changes nothing there. The
 * dashboard decides no right of anybody, so what is wrong with it is a warning (docs/decisions/0200).
 */
import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { HorizonVisit } from '../openstack/horizon.ts'
import type { Account, HorizonOptions, SignInForm } from '../openstack/horizon.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { startTimer } from '../openstack/timer.ts'
import { ThrowawayAccounts } from './throwaway/accounts.ts'
import { rolesOf, throwawayDomain } from './throwaway/domain.ts'
import { newRun } from './throwaway/run.ts'
import type { Random } from './throwaway/run.ts'
import { leftoverFinding, Throwaways } from './throwaway/throwaways.ts'

export type DashboardOptions = Omit<HorizonOptions, 'address'> & {
  /** `horizon_url` of cloud.yaml. */
  readonly address: string | undefined
  /** A password may travel in plain http to another machine. */
  readonly allowHttp: boolean
}

/** `undefined`: nobody can sign in, so only the sign-in page is looked at. Takes two minutes at most. */
export async function lookAtDashboard(options: DashboardOptions, account?: Account): Promise<readonly Finding[]> {
  const { address } = options
  if (address === undefined) return [noAddress]
  const late = new AbortController()
  const stopTimer = (options.startTimer ?? startTimer)(wholeMs, () => {
    late.abort(new CloudError({ ...noRequest, kind: 'timeout', reason: `not done within ${wholeMs / 1000} s` }))
  })
  const signal = options.signal === undefined ? late.signal : AbortSignal.any([options.signal, late.signal])
  const visit = new HorizonVisit({ ...options, address, signal })
  try {
    return await look(visit, address, options.allowHttp, account)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    return [
      finding('dashboard/no-answer', address, `the dashboard cannot be looked at: ${error.message}`, remedies.answer),
    ]
  } finally {
    stopTimer()
    await visit.signOut()
  }
}

/** With a throwaway domain, its manager and a project, which the operator makes and removes. Throws `CloudError` if it cannot make them. */
export async function probeDashboard(
  options: DashboardOptions,
  { operator, random, now, runs }: Makers,
): Promise<readonly Finding[]> {
  if (options.address === undefined) return lookAtDashboard(options)
  const throwaways = new Throwaways(newRun(now(), random))
  await runs.begin(throwaways.run.id)
  try {
    const { manager } = rolesOf(await listRoles(operator))
    const findings = await lookAtDashboard(options, manager && (await makeManager(manager)))
    const leftovers = await throwaways.removeAll()
    // the probes before this one could not remove what an earlier run left: it stays recorded
    if (leftovers.length === 0 && runs.dead.length === 0) await runs.end()
    return [...findings, ...leftovers.map(leftoverFinding)]
  } finally {
    await throwaways.removeAll()
  }

  async function makeManager(role: Role): Promise<Account> {
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random })
    const { id, name: domain } = await throwawayDomain(operator, throwaways, 'dashboard')
    const [login] = await Promise.all([
      accounts.holder(id, 'manager', [role], { kind: 'domain', id }),
      accounts.project(id, 'project'),
    ])
    return { domain, name: login.user.name, password: login.password }
  }
}

export type Makers = {
  readonly operator: Session<'operator'>
  readonly random: Random
  readonly now: () => Date
  /** Of the data directory, under its lock: the next probes of the cloud remove what a killed run left. */
  readonly runs: ProbeRuns
}

async function look(
  visit: HorizonVisit,
  address: string,
  allowHttp: boolean,
  account: Account | undefined,
): Promise<readonly Finding[]> {
  const form = await signInPage(visit)
  if (form === undefined) {
    return [finding('dashboard/not-horizon', address, 'no sign-in page of Horizon is there', remedies.address)]
  }
  const domain = domainProblem(form, account?.domain)
  if (domain !== undefined) return [finding('dashboard/no-domain-field', address, domain, remedies.settings)]
  if (account === undefined) return [notSignedIn(address)]
  if (visit.isUnsafe && !allowHttp) {
    const message = 'the dashboard is at plain http, where anyone on the path can read a password, so none was sent'
    return [finding('dashboard/plain-http', address, message, 'serve it by https; for a rehearsal use --allow-http')]
  }
  const refusal = await visit.signIn(account, form)
  if (refusal !== undefined) {
    const message = `the domain manager \`${account.name}\` of \`${account.domain}\` cannot sign in: ${refusal}`
    return [finding('dashboard/sign-in-refused', address, message, remedies.signIn)]
  }
  try {
    return await lookAround(visit, address)
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    const message = `the domain manager \`${account.name}\` of \`${account.domain}\` signs in, and the next page asks to sign in again`
    return [finding('dashboard/sign-in-refused', address, message, remedies.session)]
  }
}

/** Of the dashboard's own kind, in a cookie or a cache: the page says nothing of what the account may. */
class SessionLost extends Error {}

async function signInPage(visit: HorizonVisit): Promise<SignInForm | undefined> {
  try {
    return await visit.open()
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  }
}

async function lookAround(visit: HorizonVisit, address: string): Promise<readonly Finding[]> {
  const pages = await Promise.all(
    buttons.map(async ({ path, id, name }) => ({ id, name, text: await textOf(visit, path) })),
  )
  const hidden = pages.filter(({ id, text }) => !text.includes(`id="${id}"`)).map(({ name }) => name)
  if (hidden.length > 0) {
    const message = `a domain manager is not shown ${hidden.join(', ')}: Horizon's policy file does not know it`
    return [finding('dashboard/persona-hidden', address, message, remedies.policy)]
  }
  const projects = pages[0]?.text ?? ''
  const findings: Finding[] = []
  const project = /\sdata-object-id="([0-9a-f]{32})"/.exec(projects)?.[1]
  if (project === undefined) {
    findings.push({
      ...finding(
        'dashboard/members-unseen',
        address,
        'there is no project, so "Manage Members" could not be opened',
        remedies.probe,
      ),
      severity: 'info',
    })
  } else if (!(await textOf(visit, `identity/${project}/update/?step=update_members`)).includes('update_members')) {
    const message =
      '"Manage Members" of a project is refused: Keystone does not answer for the assignments below a project'
    findings.push(finding('dashboard/members-refused', address, message, remedies.override))
  }
  // the menu links pages and not the dashboard: "/admin/hypervisors/"
  if (/\shref="[^"]*\/admin\//.test(projects)) {
    const message = 'a domain manager is shown the dashboard "Admin", whose pages stay empty'
    findings.push(finding('dashboard/admin-shown', address, message, remedies.module))
  }
  return findings
}

/** Of a page that is not shown: nothing. */
async function textOf(visit: HorizonVisit, path: string): Promise<string> {
  try {
    const page = await visit.page(path)
    if (page === undefined) throw new SessionLost()
    return page.text
  } catch (error) {
    if (error instanceof CloudError && (error.status === 403 || error.status === 404)) return ''
    throw error
  }
}

/** The names of actions are ids of the page in every language: horizon/tables/actions.py, BaseAction.get_default_attrs. */
const buttons = [
  { path: 'identity/', id: 'tenants__action_create', name: '"Create Project"' },
  { path: 'identity/users/', id: 'users__action_create', name: '"Create User"' },
  { path: 'identity/groups/', id: 'groups__action_create', name: '"Create Group"' },
] as const

/** Without the right domain the password would go to an account of the same name elsewhere, so it is not sent. */
function domainProblem({ domain }: SignInForm, wanted: string | undefined): string | undefined {
  if (domain === 'text') return undefined
  if (domain === 'none') return 'the sign-in does not ask for a domain, so no account of a tenant can sign in'
  if (wanted !== undefined && domain.includes(wanted)) return undefined
  return 'the sign-in offers a list of domains, which lacks the one of a new tenant'
}

const noAddress: Finding = {
  code: 'dashboard/no-address',
  severity: 'warning',
  where: 'cloud.yaml',
  message: 'it has no `horizon_url`, so the dashboard was not looked at and the handover has no address of it',
  remedy: 'write `horizon_url: https://..` into cloud.yaml; a cloud without a dashboard needs none',
  owner: 'operator',
}

function notSignedIn(address: string): Finding {
  const message = 'only the sign-in page was looked at, because no account of a domain manager is at hand'
  return { ...finding('dashboard/not-signed-in', address, message, remedies.probe), severity: 'info' }
}

function finding(code: string, where: string, message: string, remedy: string): Finding {
  return { code, severity: 'warning', where, message, remedy, owner: 'operator' }
}

const remedies = {
  address: 'correct `horizon_url` in cloud.yaml: the address that a person types to sign in',
  answer:
    'correct `horizon_url` in cloud.yaml, or the dashboard; its CA must be in the file that `cacert` of clouds.yaml names',
  settings: 'give Horizon the settings of `tenant-onboard policy build --horizon` (docs/dashboard.md)',
  policy: 'give Horizon the policy file of `tenant-onboard policy build --horizon` (docs/dashboard.md)',
  module:
    'give Horizon the module of `tenant-onboard policy build --horizon`, and name it in its settings (docs/dashboard.md)',
  override: 'build the override of Keystone again with `tenant-onboard policy build`, and attach it',
  signIn:
    "try the same account by the `openstack` command; if it works there, Horizon's own Keystone address is at fault",
  session:
    'look at the sessions of Horizon: `SESSION_ENGINE`, its cache, one `SECRET_KEY` for all of its servers, and `SESSION_COOKIE_SECURE` only with https',
  probe: '`preflight --probe` looks as a throwaway domain manager',
} as const

/** For the whole visit, before the way out, which takes ten seconds at most. */
const wholeMs = 110_000

const noRequest = { service: 'dashboard', method: 'GET', path: '/' } as const
