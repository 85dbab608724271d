/** What can run out or be missing while a tenant is made: quota, addresses, and the right to an external gateway. */
import { need } from '../experiment.ts'
import { addresses, gateways } from '../experiments/egress.ts'
import { freeze } from '../experiments/freeze.ts'
import { isMet, limits } from '../experiments/quotas.ts'
import type { QuotaService } from '../../openstack/quotas.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

export const quotaMet: Hypothesis = {
  code: 'diagnosis/quota-met',
  supposes: 'the quota of the project has no room for the cluster, which only the driver finds out',
  stages: ['cluster'],
  async test(on) {
    const frozen = await freeze(on)
    // every quota is limited to its use on purpose, and told as that
    if (frozen.kind === 'seen' && (frozen.value?.quotas.length ?? 0) > 0) return excluded
    const met = (await need(on, limits)).filter(isMet)
    const outcome = await limits(on)
    return overAll(
      met.map(({ project, resource, service, limit, used, needed }) =>
        confirmed(
          {
            code: quotaMet.code,
            where: `project ${project.found.name}`,
            message: `${used} of ${limit} ${resource} are taken and ${needed} more are needed: ${refusals[service](resource)}`,
            remedy: `raise ${service}.${resource} in the tenant file and apply, or free some${service === 'compute' ? '; a machine of Cluster API that Nova refused must then go by hand: in the management cluster, kubectl get machines, kubectl delete machine; or delete the cluster' : ''}`,
            owner: 'operator',
          },
          outcome,
        ),
      ),
    )
  },
}

/** The error text of the refusing service. */
const refusals: Readonly<Record<QuotaService, (resource: string) => string>> = {
  compute: (resource) =>
    `Nova refuses the machines (\`Quota exceeded for ${resource}\`); Cluster API does not try a refused machine again`,
  network: (resource) => `Neutron refuses it (\`Quota exceeded for resources: ['${resource}']\`)`,
  block_storage: (resource) => `Cinder refuses the volumes (\`${resource}\`)`,
  load_balancer: (resource) =>
    `Octavia refuses it (\`Quota has been met for resources: ${octaviaNames[resource] ?? resource}\`) long after trust and certificates are made`,
  container_infra: () => 'Magnum refuses the cluster (`You have reached the maximum clusters per project`)',
}

/** octavia 11.0.0, common/data_models.py, _name: as its refusals call them. */
const octaviaNames: Readonly<Record<string, string>> = {
  load_balancer: 'Load Balancer',
  listener: 'Listener',
  pool: 'Pool',
  health_monitor: 'Health Monitor',
  member: 'Member',
}

export const addressesExhausted: Hypothesis = {
  code: 'diagnosis/addresses-exhausted',
  supposes: 'the external network has no address left for the router or the API of the cluster',
  stages: ['network', 'cluster'],
  async test(on) {
    const { network, free, needed } = await need(on, addresses)
    if (free >= needed) return excluded
    return confirmed(
      {
        code: addressesExhausted.code,
        where: `network ${network.name}`,
        message: `${free} addresses are free and ${needed} are needed: Neutron answers \`No more IP addresses available on network ${network.id}.\` (409, IpAddressGenerationFailure)`,
        remedy: 'release unused floating IPs, or give the network another subnet',
        owner: 'operator',
      },
      await addresses(on),
    )
  },
}

export const gatewayRefused: Hypothesis = {
  code: 'diagnosis/external-gateway-refused',
  supposes: 'the tenant may not set an external gateway, or does not see the external network',
  stages: ['network'],
  async test(on) {
    const outcome = await gateways(on)
    return overAll(
      (await need(on, gateways)).map(({ project, external, isVisible, tried }) => {
        if (!isVisible)
          return confirmed(
            {
              code: gatewayRefused.code,
              where: `network ${external.name}`,
              message: `project ${project.found.name} does not see it, so its router can have no gateway on it (\`Network ${external.id} could not be found.\`): no RBAC policy \`access_as_external\` names that project`,
              remedy: `openstack network rbac create --type network --action access_as_external --target-project ${project.found.id} ${external.id}`,
              owner: 'operator',
            },
            outcome,
          )
        if (tried?.kind !== 'refused' || tried.status !== 403) return excluded
        return confirmed(
          {
            code: gatewayRefused.code,
            where: 'create_router:external_gateway_info',
            message: `Neutron's policy refuses the tenant an external gateway on any network (403): the router of ${project.found.name} stays without egress`,
            remedy: `allow \`create_router:external_gateway_info\` and \`update_router:external_gateway_info\` for the owner of the router again; or set it yourself: openstack router set --external-gateway ${external.name} ${project.asked.names.router}`,
            owner: 'operator',
          },
          outcome,
        )
      }),
    )
  },
}
