/** What the management cluster of magnum-capi-helm says, and what the cluster's own credential still can. */
import { parse } from 'yaml'
import { CloudError } from '../../errors.ts'
import { openKubernetes } from '../../kubernetes/api.ts'
import type { Kubernetes } from '../../kubernetes/api.ts'
import { readCloudCredential, readManagedCluster } from '../../kubernetes/cluster-api.ts'
import type { CloudCredential, ManagedCluster } from '../../kubernetes/cluster-api.ts'
import { listApplicationCredentials } from '../../openstack/keystone/application-credentials.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import { clusterOfCredential, namespaceOf } from '../../openstack/magnum/made-names.ts'
import { openSession } from '../../openstack/session.ts'
import { isRecord } from '../../openstack/shape.ts'
import { Secret } from '../../secret.ts'
import type { Case } from '../case.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import type { Notes } from '../fact.ts'
import { troublesOf } from '../management/trouble.ts'
import type { Trouble } from '../management/trouble.ts'
import type { ManagementAccess } from '../management/access.ts'
import { clusters, nodeGroups } from './clusters.ts'
import type { StandingCluster } from './clusters.ts'
import { signedIn } from './identities.ts'

export type Managed = {
  readonly standing: StandingCluster
  readonly namespace: string
  readonly stack: string
  readonly seen: ManagedCluster
  readonly troubles: readonly Trouble[]
}

/** Clusters of the driver that are not simply complete. */
const unsettled = experiment<readonly StandingCluster[]>(
  'unsettled-clusters',
  'which clusters of magnum-capi-helm are not simply complete?',
  async (on) => {
    const all = (await need(on, clusters)).filter(
      ({ cluster }) => cluster.stack_id !== null && driverOf(cluster.stack_id) === 'helm',
    )
    const groups = await nodeGroups(on)
    const failed = groups.kind === 'seen' ? groups.value.filter(({ group }) => group.status.endsWith('_FAILED')) : []
    const found = all.filter(
      ({ cluster }) =>
        !cluster.status.endsWith('_COMPLETE') ||
        cluster.health_status === 'UNHEALTHY' ||
        failed.some(({ standing }) => standing.cluster.uuid === cluster.uuid),
    )
    if (found.length === 0) throw new Inapplicable('every cluster of magnum-capi-helm is complete')
    return found
  },
)

export const management = experiment<readonly Managed[]>(
  'management-cluster',
  'what do the objects of Cluster API say of each such cluster?',
  async (on, notes) => {
    const wanted = await need(on, unsettled)
    const kubernetes = kubernetesOf(on, accessTo(on))
    return Promise.all(
      wanted.map(async (standing): Promise<Managed> => {
        const { cluster } = standing
        const stack = cluster.stack_id ?? ''
        const namespace = namespaceOf(cluster.project_id)
        const seen = await readManagedCluster(kubernetes, namespace, stack)
        const troubles = troublesOf(seen)
        for (const one of troubles)
          notes.saw(
            `${one.object} in ${namespace}: ${one.told}${one.since === undefined ? '' : ` since ${one.since}`}: ${one.message}`,
          )
        if (troubles.length === 0)
          notes.saw(`${seen.objects.length} objects of ${cluster.name} in ${namespace}, none with a reason to wait`)
        if (seen.unread.length > 0) notes.saw(`not read: ${seen.unread.join(', ')}`)
        return { standing, namespace, stack, seen, troubles }
      }),
    )
  },
)

function accessTo({ subject }: Case): ManagementAccess {
  if (subject.management === undefined)
    throw new Unasked('cloud.yaml names no kubeconfig of the management cluster (management_cluster)')
  return subject.management
}

function kubernetesOf(on: Case, { address, identity, token, fetch }: ManagementAccess): Kubernetes {
  return openKubernetes({ address, identity, token, fetch, deadlineMs: on.subject.operator.deadlineMs })
}

export type InsideCredential = {
  readonly standing: StandingCluster
  readonly namespace: string
  readonly stack: string
  /** What the sign-in with the Secret's content came to; `unread` if the Secret could not be read. */
  readonly signIn: 'works' | 'refused' | 'untrusted' | 'unread'
  readonly message: string
}

/**
 * A credential that is refused, or a CA that is wrong, stands in no condition: Cluster API's provider writes it to its log only. So
 * the product signs in as the provider does: by the credential in the Secret, trusting the CA beside it and nothing else.
 */
export const insideCredentials = experiment<readonly InsideCredential[]>(
  'inside-credentials',
  "does the credential in each such cluster's Secret sign in, with the CA beside it?",
  async (on, notes) => {
    const wanted = await need(on, unsettled)
    const access = accessTo(on)
    const kubernetes = kubernetesOf(on, access)
    return Promise.all(
      wanted.map(async (standing): Promise<InsideCredential> => {
        const { cluster } = standing
        const stack = cluster.stack_id ?? ''
        const namespace = namespaceOf(cluster.project_id)
        const found = await readCloudCredential(kubernetes, namespace, stack)
        const place = { standing, namespace, stack }
        if (typeof found === 'string') {
          const message = `Secret ${stack}-cloud-credentials is ${found}`
          notes.saw(message)
          return { ...place, signIn: 'unread', message }
        }
        const result = await signInWith(access, found)
        notes.saw(`the credential in Secret ${stack}-cloud-credentials: ${result.message}`)
        return { ...place, ...result }
      }),
    )
  },
)

async function signInWith(
  access: ManagementAccess,
  { cloudsYaml, ca }: CloudCredential,
): Promise<Pick<InsideCredential, 'signIn' | 'message'>> {
  const cloud = cloudIn(cloudsYaml)
  if (cloud === undefined) return { signIn: 'unread', message: 'it holds no clouds.yaml as the driver writes it' }
  const session = openSession({
    actor: 'cluster',
    endpoint: { authUrl: cloud.authUrl, ...(cloud.region === undefined ? {} : { region: cloud.region }) },
    auth: { kind: 'application-credential', credential: { id: cloud.id }, secret: cloud.secret },
    fetch: access.trusting(ca),
  })
  try {
    await session.token()
    return { signIn: 'works', message: 'it signs in' }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    // 404: there is no such credential any more
    if (error.status === 401 || error.status === 404) return { signIn: 'refused', message: error.message }
    if (error.kind === 'tls') return { signIn: 'untrusted', message: error.message }
    throw error
  }
}

type CloudOfSecret = {
  readonly authUrl: string
  readonly region?: string | undefined
  readonly id: string
  readonly secret: Secret
}

/** magnum-capi-helm 1.4.0, common/app_creds.py, get_app_cred_string_data: the cloud `openstack`. */
function cloudIn(cloudsYaml: Secret): CloudOfSecret | undefined {
  let found: unknown
  try {
    found = parse(cloudsYaml.reveal(), { logLevel: 'error' })
  } catch {
    return undefined
  }
  const clouds = isRecord(found) ? found['clouds'] : undefined
  const cloud = isRecord(clouds) ? clouds['openstack'] : undefined
  const auth = isRecord(cloud) ? cloud['auth'] : undefined
  if (!isRecord(cloud) || !isRecord(auth)) return undefined
  const { auth_url, application_credential_id: id, application_credential_secret: secret } = auth
  if (typeof auth_url !== 'string' || typeof id !== 'string' || typeof secret !== 'string') return undefined
  const region = cloud['region_name']
  return { authUrl: auth_url, region: typeof region === 'string' ? region : undefined, id, secret: new Secret(secret) }
}

/** Clusters whose driver's credential is gone from Keystone, which the tenant's own account shows. */
export const lostCredentials = experiment<readonly StandingCluster[]>(
  'lost-credentials',
  'does each cluster of magnum-capi-helm still have its credential in Keystone?',
  async (on, notes) => {
    const all = (await need(on, clusters)).filter(
      ({ cluster: { stack_id, status } }) =>
        stack_id !== null &&
        driverOf(stack_id) === 'helm' &&
        !status.startsWith('DELETE_') &&
        status !== 'CREATE_FAILED',
    )
    if (all.length === 0) throw new Inapplicable('there is no cluster of magnum-capi-helm')
    const lost = await Promise.all(
      all.map(async (standing) => ((await hasCredential(on, notes, standing)) ? [] : [standing])),
    )
    return lost.flat()
  },
)

async function hasCredential(on: Case, notes: Notes, { cluster, project }: StandingCluster): Promise<boolean> {
  const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
  const listed = await notes.read(creator ?? on.subject.operator, (session) =>
    listApplicationCredentials(session, cluster.user_id),
  )
  const own = listed.filter(({ name }) => clusterOfCredential(name) === cluster.uuid)
  // the conductor may be about to make it
  const isNew = cluster.status === 'CREATE_IN_PROGRESS' && own.length === 0 && (await isInMaking(on, cluster.uuid))
  notes.saw(
    `cluster ${cluster.name} has ${own.length === 0 ? 'no credential' : own.map(({ name }) => name).join(', ')}`,
  )
  return own.length > 0 || isNew
}

/** The node groups get the stack when the driver has asked for everything. */
async function isInMaking(on: Case, uuid: string): Promise<boolean> {
  const groups = await nodeGroups(on)
  return (
    groups.kind !== 'seen' ||
    groups.value.some(({ standing, group }) => standing.cluster.uuid === uuid && group.stack_id === null)
  )
}
