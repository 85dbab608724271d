/** The credential that the driver left in the cluster, and what it may do. Anyone who runs a pod there may have it. */
import { listApplicationCredentials } from '../../openstack/keystone/application-credentials.ts'
import { isAdminRole } from '../../openstack/keystone/role-names.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

/**
 * capi-helm makes an application credential in the creator's name, with the roles of its token and without
 * `unrestricted`. Other Cluster API drivers do the same under the cluster's id (magnum-capi-helm 1.4.0,
 * magnum_capi_helm/common/app_creds.py, create_app_cred). Heat's driver uses the trust alone.
 */
export async function checkChildCredential(
  { read }: GateContext,
  { uuid, name, owner, projectId, resource }: ClusterSubject,
  cluster: Cluster,
): Promise<void> {
  const { identity } = owner
  const own = await read(identity, (session) => listApplicationCredentials(session, owner.id))
  const minted = own.value.filter((credential) => credential.name.includes(uuid))
  const claims = own.about(resource)
  if (minted.length === 0) {
    const isHeat = cluster.stack_id !== null && driverOf(cluster.stack_id) === 'heat'
    claims.claim(
      isHeat
        ? `the driver of ${name} uses the trust, and left no credential`
        : `the driver of ${name} left a credential of the creator`,
      isHeat,
      { stack_id: cluster.stack_id },
    )
    return
  }
  const token = await read(identity, (session) => session.token())
  const held = token.value.roles.map((role) => role.name)
  const isBounded = minted.every(
    ({ unrestricted, roles, project_id }) =>
      !unrestricted &&
      project_id === projectId &&
      roles.every((role) => held.includes(role.name) && !isAdminRole(role.name)),
  )
  claims.claim(
    `the credential inside ${name} is the creator's, restricted, and carries no more than its roles`,
    isBounded,
    minted.map(({ id, name: called, unrestricted, roles, project_id }) => ({
      id,
      name: called,
      owner: owner.id,
      project_id,
      unrestricted,
      roles: roles.map((role) => role.name).sort(),
    })),
  )
}
