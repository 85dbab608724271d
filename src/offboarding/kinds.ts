import { applicationCredentials, storedCredentials, trustees, trusts } from './kinds/credentials.ts'
import { clusterCertificates } from './kinds/certificates.ts'
import { clusters, clusterTemplates, stacks } from './kinds/clusters.ts'
import { keypairs, serverGroups, servers } from './kinds/compute.ts'
import {
  domainRoles,
  domains,
  federationProtocols,
  grants,
  groups,
  identityProviders,
  mappings,
  projects,
  users,
} from './kinds/identity.ts'
import {
  defaultSecurityGroups,
  floatingIps,
  loadBalancers,
  networks,
  ports,
  rbacPolicies,
  routerInterfaces,
  routerRoutes,
  routers,
  securityGroups,
  subnets,
} from './kinds/network.ts'
import { addressGroups, addressScopes, qosPolicies, subnetPools, trunks } from './kinds/network-extensions.ts'
import { images, secretContainers, secrets } from './kinds/stored.ts'
import { volumeBackups, volumes, volumeSnapshots } from './kinds/volumes.ts'
import type { Kind } from './ownership.ts'

/** Everything that a tenant can own and we can see, in the order of deletion. */
export const kinds: readonly Kind[] = [
  clusters,
  stacks,
  clusterTemplates,
  servers,
  serverGroups,
  volumeBackups,
  volumeSnapshots,
  volumes,
  loadBalancers,
  floatingIps,
  routerRoutes,
  routerInterfaces,
  routers,
  rbacPolicies,
  trunks,
  ports,
  subnets,
  networks,
  securityGroups,
  addressGroups,
  subnetPools,
  addressScopes,
  qosPolicies,
  images,
  secretContainers,
  secrets,
  keypairs,
  trusts,
  storedCredentials,
  applicationCredentials,
  trustees,
  clusterCertificates,
  defaultSecurityGroups,
  mappings,
  federationProtocols,
  identityProviders,
  grants,
  users,
  groups,
  domainRoles,
  projects,
  domains,
]
