/**
 * What happens after the 202: trustee, trust, certificates, driver, in this order, each with a status text that hides
 * the reason. magnum 15.0.1, magnum/conductor/handlers/cluster_conductor.py and common/{trust_manager,cert_manager}.py.
 */
import { bodyOrThrow, domainIdOf, idIn, signInDomainAdmin, signInService, StepRefused } from './accounts.ts'
import { completeStack, startStack } from './heat-driver.ts'
import { dismantle, DriverError } from './driver-parts.ts'
import { installRelease, reconcile, removeCredential } from './capi-driver.ts'
import { CERTIFICATES } from './authority.ts'
import { makeAuthority } from '../../certificate-authority.ts'
import { makesTrusts, readsHealthWhileMade, tidiesAnyDriver } from '../../profile.ts'
import { Refusal } from '../../refusal.ts'
import { resolveToken } from '../keystone/caller.ts'
import { textAt } from '../../json.ts'
import type { Cluster, Job, NodeGroup } from '../../state.ts'
import type { World } from '../../world.ts'

class CreateFailed extends Error {
  override readonly name = 'CreateFailed'
}

export async function runJob(world: World, job: Job): Promise<void> {
  switch (job.kind) {
    case 'cluster-create':
      await createCluster(world, job.cluster, job.tokenId)
      return
    case 'cluster-complete':
      await finishCreate(world, job.uuid)
      return
    case 'cluster-delete':
      startDelete(world, job.uuid)
      return
    case 'cluster-gone':
      await finishDelete(world, job.uuid)
      return
    case 'cluster-resized':
      finishResize(world, job.uuid)
      return
    case 'cluster-health':
      readHealth(world, job.uuid)
      return
  }
}

export function schedule(world: World, job: Job): void {
  world.state.jobs.set(world.ids.hex(), job)
}

function update(world: World, uuid: string, change: Partial<Cluster>): void {
  const row = world.state.clusters.get(uuid)
  if (row !== undefined) world.state.clusters.set(uuid, { ...row, ...change, updatedAt: world.now() })
}

async function createCluster(world: World, cluster: Cluster, tokenId: string): Promise<void> {
  const { uuid } = cluster
  world.state.clusters.set(uuid, cluster)
  try {
    if (makesTrusts(world.profile)) await createTrusteeAndTrust(world, cluster, tokenId)
    await createCertificates(world, cluster)
    const row = world.state.clusters.get(uuid) ?? cluster
    const save = saver(world, uuid)
    if (world.profile.magnumDriver === 'heat') startStack(world, row, save)
    else await installRelease(world, row, tokenId, save)
    schedule(world, { kind: 'cluster-complete', at: world.now() + world.pace.clusterCreated, uuid })
  } catch (error) {
    if (!(error instanceof CreateFailed) && !(error instanceof DriverError)) throw error
    update(world, uuid, { status: 'CREATE_FAILED', status_reason: error.message })
  }
  if (readsHealthWhileMade(world.profile)) scheduleHealth(world, uuid)
}

function saver(world: World, uuid: string): (change: Partial<Cluster>) => void {
  return (change) => {
    update(world, uuid, change)
  }
}

function scheduleHealth(world: World, uuid: string): void {
  schedule(world, { kind: 'cluster-health', at: world.now() + world.pace.healthPolled, uuid })
}

/** A look of its own, a minute after the other one. service/periodic.py, sync_cluster_health_status */
function readHealth(world: World, uuid: string): void {
  const row = world.state.clusters.get(uuid)
  if (row === undefined || row.status.startsWith('DELETE_')) return
  const isUp = /^(CREATE|UPDATE)_COMPLETE$/.test(row.status) && !row.nodeGroups.some(isFailed)
  // the row changes, its time of change does not matter to anyone who waits for the state
  world.state.clusters.set(uuid, { ...row, health_status: isUp ? 'HEALTHY' : 'UNHEALTHY' })
  if (row.status.endsWith('_IN_PROGRESS')) scheduleHealth(world, uuid)
}

function isFailed({ status }: NodeGroup): boolean {
  return status?.endsWith('_FAILED') === true
}

/** The text is the same for both failures; only a left-over trustee shows which it was. */
async function createTrusteeAndTrust(world: World, cluster: Cluster, tokenId: string): Promise<void> {
  try {
    const admin = await signInDomainAdmin(world)
    const password = Buffer.from(world.ids.bytes(18)).toString('base64url').slice(0, 18)
    const user = { name: `${cluster.uuid}_${cluster.project_id}`, password, domain_id: domainIdOf(world) }
    const madeUser = bodyOrThrow(
      await world.send({ service: 'identity', method: 'POST', path: '/v3/users', token: admin, body: { user } }),
    )
    const trusteeUserId = idIn(madeUser, 'user')
    update(world, cluster.uuid, { trusteeUserId })
    const trust = {
      trustor_user_id: cluster.user_id,
      trustee_user_id: trusteeUserId,
      project_id: cluster.project_id,
      impersonation: true,
      allow_redelegation: false,
      delegation_depth: 0,
      roles: rolesOfToken(world, tokenId).map((name) => ({ name })),
    }
    const path = '/v3/OS-TRUST/trusts'
    const madeTrust = bodyOrThrow(
      await world.send({ service: 'identity', method: 'POST', path, token: tokenId, body: { trust } }),
    )
    update(world, cluster.uuid, { trustId: idIn(madeTrust, 'trust') })
  } catch (error) {
    throw failedStep(error, `Failed to create trustee or trust for Cluster: ${cluster.uuid}`)
  }
}

/** All roles of the caller's token, implied ones too: `[trust] roles` is empty. */
function rolesOfToken(world: World, tokenId: string): readonly string[] {
  try {
    return resolveToken(world, tokenId).roles.map((role) => role.name)
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}

function failedStep(error: unknown, said: string): unknown {
  return error instanceof StepRefused ? new CreateFailed(said, { cause: error }) : error
}

async function createCertificates(world: World, cluster: Cluster): Promise<void> {
  const refs: Record<string, string> = {}
  try {
    const token = await signInService(world)
    for (const kind of CERTIFICATES) {
      const authority = await makeAuthority(world, cluster.name)
      const name = kind === 'magnum' ? 'Magnum-Conductor' : cluster.name
      refs[kind] = await storeAuthority(world, token, name, authority.certificate, authority.privateKey)
    }
  } catch (error) {
    throw failedStep(error, `Failed to create certificates for Cluster: ${cluster.uuid}`)
  }
  update(world, cluster.uuid, { certificateRefs: refs })
}

/** magnum/common/cert_manager/barbican_cert_manager.py, store_cert: three secrets and a container. */
async function storeAuthority(
  world: World,
  token: string,
  name: string,
  certificate: string,
  key: string,
): Promise<string> {
  const store = async (secretName: string, payload: string): Promise<string> => {
    const body = { name: secretName, payload, payload_content_type: 'text/plain', secret_type: 'opaque' }
    const answer = await world.send({ service: 'key-manager', method: 'POST', path: '/v1/secrets', token, body })
    return textAt(bodyOrThrow(answer), 'secret_ref') ?? ''
  }
  const secret_refs = [
    { name: 'certificate', secret_ref: await store('Certificate', certificate) },
    { name: 'private_key', secret_ref: await store('Private Key', key) },
    { name: 'private_key_passphrase', secret_ref: await store('Private Key Passphrase', world.ids.hex()) },
  ]
  const body = { name, type: 'certificate', secret_refs }
  const answer = await world.send({ service: 'key-manager', method: 'POST', path: '/v1/containers', token, body })
  return textAt(bodyOrThrow(answer), 'container_ref') ?? ''
}

async function finishCreate(world: World, uuid: string): Promise<void> {
  const row = world.state.clusters.get(uuid)
  if (row?.status !== 'CREATE_IN_PROGRESS' || world.clusterFaults.has('never-finishes')) return
  if (world.profile.magnumDriver === 'heat') finishStack(world, row)
  else finishRelease(world, row)
  const after = world.state.clusters.get(uuid)
  if (after?.status !== 'CREATE_COMPLETE') return
  const api_address = (await world.hosts.current?.(after)) ?? after.api_address
  update(world, uuid, { api_address })
  scheduleHealth(world, uuid)
}

function finishStack(world: World, row: Cluster): void {
  try {
    update(world, row.uuid, completeStack(world, row, saver(world, row.uuid)))
  } catch (error) {
    if (!(error instanceof DriverError)) throw error
    update(world, row.uuid, { status: 'CREATE_FAILED', status_reason: error.message })
  }
}

/** Node groups have states of their own; an addon that failed has no reason, and is not looked at again. */
function finishRelease(world: World, row: Cluster): void {
  const { uuid } = row
  if (!reconcile(world, row, saver(world, uuid)).isDone) {
    schedule(world, { kind: 'cluster-complete', at: world.now() + world.pace.clusterPolled, uuid })
    return
  }
  const hasFailed = (group: NodeGroup): boolean => group.role === 'worker' && world.clusterFaults.has('workers-failed')
  update(world, uuid, {
    nodeGroups: row.nodeGroups.map((group) => ({
      ...group,
      status: hasFailed(group) ? 'CREATE_FAILED' : 'CREATE_COMPLETE',
    })),
    status: world.clusterFaults.has('addon-failed') ? 'CREATE_FAILED' : 'CREATE_COMPLETE',
    status_reason: null,
  })
}

function startDelete(world: World, uuid: string): void {
  const groups = world.state.clusters.get(uuid)?.nodeGroups ?? []
  const nodeGroups = groups.map((group) =>
    group.status === undefined ? group : { ...group, status: 'DELETE_IN_PROGRESS' },
  )
  update(world, uuid, { status: 'DELETE_IN_PROGRESS', nodeGroups })
  schedule(world, { kind: 'cluster-gone', at: world.now() + world.pace.clusterDeleted, uuid })
}

async function finishDelete(world: World, uuid: string): Promise<void> {
  const row = world.state.clusters.get(uuid)
  if (row === undefined) return
  const isHeat = world.profile.magnumDriver === 'heat'
  const credentials = row.parts.filter(({ kind }) => kind === 'application-credential')
  // the machines are deleted first, and then their credential
  dismantle(world, { ...row, parts: row.parts.filter((part) => !credentials.includes(part)) })
  const bare = { ...row, parts: credentials }
  world.state.clusters.set(uuid, bare)
  const keep = (change: Partial<Cluster>): void => void world.state.clusters.set(uuid, { ...bare, ...change })
  if (!isHeat && (await removeCredential(world, bare, keep)) === 'again') {
    schedule(world, { kind: 'cluster-gone', at: world.now() + world.pace.clusterPolled, uuid })
    return
  }
  if (isHeat || tidiesAnyDriver(world.profile)) {
    deleteCertificates(world, row)
    await deleteTrustee(world, row)
  }
  world.state.clusters.delete(uuid)
}

/**
 * Two of the four: those of etcd and of the front proxy stay. conductor/handlers/common/cert_manager.py,
 * delete_certificates_from_cluster
 */
function deleteCertificates(world: World, row: Cluster): void {
  const { containers, secrets } = world.state
  for (const ref of [row.certificateRefs['ca'], row.certificateRefs['magnum']]) {
    if (ref === undefined) continue
    const container = containers.get(lastPart(ref))
    for (const secret of container?.secretRefs ?? []) secrets.delete(lastPart(secret.secret_ref))
    containers.delete(lastPart(ref))
  }
}

/** Errors are ignored; the trust is deleted with its trustee. */
async function deleteTrustee(world: World, row: Cluster): Promise<void> {
  if (row.trusteeUserId === undefined) return
  try {
    const token = await signInDomainAdmin(world)
    const path = `/v3/users/${row.trusteeUserId}`
    await world.send({ service: 'identity', method: 'DELETE', path, token })
  } catch (error) {
    if (!(error instanceof StepRefused)) throw error
  }
}

function lastPart(ref: string): string {
  return ref.split('/').at(-1) ?? ''
}

function finishResize(world: World, uuid: string): void {
  const row = world.state.clusters.get(uuid)
  if (row === undefined || row.status.startsWith('DELETE')) return
  const save = saver(world, uuid)
  if (world.profile.magnumDriver === 'heat') {
    try {
      update(world, uuid, { ...completeStack(world, row, save), status: 'UPDATE_COMPLETE' })
    } catch (error) {
      if (!(error instanceof DriverError)) throw error
      update(world, uuid, { status: 'UPDATE_FAILED', status_reason: error.message })
    }
    return
  }
  if (row.status !== 'UPDATE_IN_PROGRESS') {
    update(world, uuid, { status: 'UPDATE_IN_PROGRESS' })
    schedule(world, { kind: 'cluster-resized', at: world.now() + world.pace.clusterResized, uuid })
    return
  }
  if (!reconcile(world, row, save).isDone) {
    schedule(world, { kind: 'cluster-resized', at: world.now() + world.pace.clusterPolled, uuid })
    return
  }
  const nodeGroups = row.nodeGroups.map((group) =>
    group.status === 'UPDATE_IN_PROGRESS' ? { ...group, status: 'UPDATE_COMPLETE' } : group,
  )
  update(world, uuid, { status: 'UPDATE_COMPLETE', nodeGroups })
}
