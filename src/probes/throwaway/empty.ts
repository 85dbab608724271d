/** What other services hold for a throwaway user or project: they do not delete it with the user or project. */
import { deleteImage, listImages } from '../../openstack/glance.ts'
import { deleteClusterTemplate, listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import { deleteNetwork, listNetworks } from '../../openstack/neutron/networks.ts'
import { deletePort, listPorts } from '../../openstack/neutron/ports.ts'
import { deleteSecurityGroup, listSecurityGroups } from '../../openstack/neutron/security-groups.ts'
import { deleteKeypair, listKeypairs } from '../../openstack/nova.ts'
import type { Session } from '../../openstack/session.ts'
import { runNamed } from './run.ts'
import { hasService } from '../../openstack/has-service.ts'

/** Only for a project that a probe made: removes everything in it. */
export async function emptyProject(operator: Session, projectId: string): Promise<void> {
  if (await hasService(operator, 'network')) {
    const networks = await listNetworks(operator, { project_id: projectId })
    await Promise.all(networks.map(({ id }) => removeNetwork(operator, id)))
    await removeSecurityGroups(operator, projectId)
  }
  if (await hasService(operator, 'image')) {
    const images = await listImages(operator, { owner: projectId, visibility: 'all' })
    await Promise.all(images.filter(({ owner }) => owner === projectId).map(({ id }) => deleteImage(operator, id)))
  }
  if (await hasService(operator, 'container-infra')) {
    const templates = await listClusterTemplates(operator)
    const own = templates.filter(
      ({ name, project_id }) => project_id === projectId && runNamed(name ?? '') !== undefined,
    )
    await Promise.all(own.map(({ uuid }) => deleteClusterTemplate(operator, uuid)))
  }
}

/** Only for a user that a probe made. */
export async function emptyUser(operator: Session, userId: string): Promise<void> {
  if (!(await hasService(operator, 'compute'))) return
  const keypairs = await listKeypairs(operator, { userId })
  await Promise.all(keypairs.map(({ name }) => deleteKeypair(operator, name, { userId })))
}

/** deleting a network deletes its subnets, but not its ports */
export async function removeNetwork(operator: Session, id: string): Promise<void> {
  const ports = await listPorts(operator, { network_id: id })
  await Promise.all(ports.map((port) => deletePort(operator, port.id)))
  await deleteNetwork(operator, id)
}

/**
 * Neutron gives each project that uses it a `default` group, which outlives the project. Only an operator can delete
 * it.
 */
export async function removeSecurityGroups(operator: Session, projectId: string): Promise<void> {
  const groups = await listSecurityGroups(operator, { project_id: projectId })
  await Promise.all(groups.map((group) => deleteSecurityGroup(operator, group.id)))
}
