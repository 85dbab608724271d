/** What a program does that uses the rooms as a library: no command line, no clouds.yaml, no variable. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cloudOfHandover } from '../../src/handover/open.ts'
import type { HandoverFiles } from '../../src/handover/write.ts'
import type { Auth } from '../../src/openstack/auth.ts'
import type { Exchange } from '../../src/openstack/exchange.ts'
import type { Endpoint } from '../../src/openstack/options.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import type { TenantSide } from '../../src/self-service/tenant-side.ts'
import type { SimulatedCloud } from '../onboarding/test-bed.ts'
import { contextOf } from '../../src/tenant/context.ts'
import type { Clock, LoadedTenant } from '../../src/tenant/context.ts'
import { homeOf } from '../../src/tenant/home.ts'
import { expectedKeystone } from '../../src/tenant/keystone.ts'
import type { ExpectedKeystone } from '../../src/tenant/keystone.ts'
import { secretStore } from '../../src/tenant/secret-store.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import { usedCloud } from '../../src/tenant/used-cloud.ts'

/** The time of a simulated cloud. */
export function clockOf({ clock: { now, sleep } }: SimulatedCloud): Clock {
  return { now, sleep, stop: new AbortController().signal }
}

/** The tenant of a file, with its home below the folder. */
export async function load(folder: string, file: string): Promise<LoadedTenant> {
  const path = join(folder, file)
  const spec = parseSpec(file, await readFile(path, 'utf8'))
  const home = homeOf(join(folder, 'tenant-onboard'), spec.cloud, spec.tenant)
  return { file: path, tenant: tenantOf(spec, {}), home, secrets: secretStore(home.secrets), policy: undefined }
}

/** The cloud as its operator reaches it. */
export async function connect(loaded: LoadedTenant, simulated: SimulatedCloud) {
  const { cloud } = simulated
  const { admin, url: authUrl, region } = cloud
  const endpoint = { authUrl, region }
  const keystone = await expectedKeystone(loaded.home.folders, endpoint)
  const client = clientOf(simulated, endpoint, keystone)
  const auth: Auth = {
    kind: 'password',
    user: { name: admin.name, domain: { name: admin.userDomain } },
    password: new Secret(admin.password),
    scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
  }
  const operator = client.open('operator', auth)
  const used = () => usedCloud({ name: 'envvars', endpoint, auth }, operator.lastToken)
  return contextOf(loaded, { ...client, ca: undefined, auth, operator, used }, clockOf(simulated))
}

/** The cloud as the tenant reaches it, from what it was given. */
export async function connectAsTenant(
  loaded: LoadedTenant,
  simulated: SimulatedCloud,
  files: HandoverFiles,
): Promise<TenantSide> {
  const { config, ca } = await cloudOfHandover(files, loaded.tenant.names.manager, simulated.clock.now())
  const keystone = await expectedKeystone(loaded.home.folders, config.endpoint, { takesAddress: true })
  const client = clientOf(simulated, config.endpoint, keystone)
  const used = () => usedCloud(config, undefined)
  const given = config.auth.kind === 'password' ? config.auth.password : undefined
  return contextOf(
    loaded,
    { ...client, ca, used, given, asGiven: () => client.open('manager', config.auth) },
    clockOf(simulated),
  )
}

function clientOf({ cloud: { fetch }, clock }: SimulatedCloud, endpoint: Endpoint, keystone: ExpectedKeystone) {
  const exchanges: Exchange[] = []
  const open = <Who extends string>(actor: Who, auth: Auth): Session<Who> =>
    openSession({
      actor,
      endpoint,
      auth,
      fetch,
      now: clock.now,
      onSignIn: keystone.check,
      onExchange: (exchange) => exchanges.push(exchange),
    })
  const run = () => Promise.reject(new Error('no program is run here'))
  return { endpoint, keystone, open, exchanges, external: { fetch, run }, close: () => Promise.resolve() }
}
