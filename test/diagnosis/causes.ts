/** What can be wrong with a tenant on the simulator, how to make it so, and what a diagnosis has to say of it. */
import { hashOf } from '../../src/simulator/services/keystone/hash.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { FaultName } from '../../src/simulator/faults.ts'

export type Cause = {
  readonly name: string
  readonly finding: string
  readonly faults?: readonly FaultName[]
  /** Changes what is there. */
  readonly harm?: (cloud: Cloud) => void
  /** Nobody gives a way to look into Vault. */
  readonly isVaultUnseen?: true
  /** What the log of Barbican says of the secret that is not stored. */
  readonly logged?: string
  /** Who asks for the cluster, where that is the cause. */
  readonly asker?: 'automation'
  /** Causes of one kind hide each other: two of them at once are no two causes. */
  readonly kind: string
}

const untrusted =
  "HTTPSConnectionPool(host='10.12.12.170', port=8200): Max retries exceeded with url: /v1/auth/approle/login (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate')))"

/** Where two causes show the same binding, the log of Barbican separates them: castellan's words for what Vault said. */
const vault: readonly (readonly [mode: string, fault: FaultName, logged?: string])[] = [
  ['stale-secret-id', 'vault-stale-secret-id'],
  [
    'wrong-plane',
    'vault-wrong-plane',
    'source address "10.12.12.176" unauthorized through CIDR restrictions on the secret ID',
  ],
  ['token-bound', 'vault-token-bound', 'You are not authorized to complete this action.'],
  ['no-secret-id', 'vault-no-secret-id'],
  ['locked-out', 'vault-locked-out', 'You are not authorized to complete this action.'],
  ['policy-missing', 'vault-policy-missing', 'You are not authorized to complete this action.'],
  [
    'secret-id-not-taken',
    'vault-secret-id-not-taken',
    'source address "10.12.12.176" unauthorized through CIDR restrictions on the secret ID',
  ],
  ['secret-id-unknown', 'certificate-store', 'invalid role or secret ID'],
  ['tls', 'certificate-store', untrusted],
  ['unreachable', 'certificate-store', 'Max retries exceeded with url: /v1/auth/approle/login (Connection refused)'],
  ['mount-moved', 'vault-mount-moved', 'Key not found, uuid: bf3ed0b4bc7b4c16853674a46f8ed5c4'],
  ['rate-limit', 'vault-rate-limit', "'data'"],
  ['sealed', 'vault-sealed'],
  ['down', 'vault-down'],
]

/** Each of them leaves the others visible. */
export const causes: readonly Cause[] = [
  { name: 'D-064, dead create rules', finding: 'dead-create-rule', faults: ['dead-create-rules'], kind: 'create' },
  { name: 'D-065, a dead trust rule', finding: 'dead-trust-rule', faults: ['dead-trust-rule'], kind: 'trust' },
  {
    name: 'D-066, a cluster asked for by an application credential',
    finding: 'application-credential-trust',
    asker: 'automation',
    // who asks by credential where nobody may make a trust is stopped by the rule
    kind: 'trust',
  },
  {
    name: 'D-067 without a look at Vault',
    finding: 'certificate-store',
    faults: ['certificate-store'],
    isVaultUnseen: true,
    kind: 'vault',
  },
  {
    name: 'a store that fails while Vault is in order',
    finding: 'certificate-store',
    faults: ['certificate-store'],
    kind: 'vault',
  },
  ...vault.map(([mode, fault, logged]) => ({
    name: `D-067, Vault: ${mode}`,
    finding: `vault-${mode}`,
    faults: [fault],
    kind: 'vault',
    ...(logged === undefined ? {} : { logged }),
  })),
  {
    name: 'a role taken from the creator',
    finding: 'roles-not-held',
    harm: ({ state }) => {
      const user = userOf(state, 'acme-cluster')
      const role = state.roles.find(({ name }) => name === 'load-balancer_member')
      state.grants.deleteWhere((grant) => grant.actorId === user.id && grant.roleId === role?.id)
    },
    kind: 'roles',
  },
  {
    name: 'a creator with another password',
    finding: 'account-cannot-sign-in',
    harm: ({ state }) => {
      const user = userOf(state, 'acme-cluster')
      state.users.set(user.id, { ...user, passwordHash: hashOf('another') })
    },
    kind: 'sign-in',
  },
  {
    name: 'a disabled account for automation',
    finding: 'account-cannot-sign-in',
    harm: ({ state }) => {
      const user = userOf(state, 'acme-svc')
      state.users.set(user.id, { ...user, enabled: false })
    },
    kind: 'sign-in',
  },
  ...(['lost', 'disabled'] as const).map((how) => ({
    name: `magnum_domain_admin ${how}`,
    finding: 'trustee-admin',
    harm: ({ damage }: Cloud) => {
      damage(`magnum-domain-admin-${how}`)
    },
    kind: 'magnum',
  })),
  {
    name: "a password of magnum_domain_admin that is not Magnum's",
    finding: 'trustee-admin-sign-in',
    harm: ({ damage }) => {
      damage('magnum-domain-admin-password')
    },
    kind: 'magnum',
  },
  {
    name: 'an image that the creator does not see: (vm, Unset, kubernetes)',
    finding: 'cluster-type-unset',
    harm: ({ damage }) => {
      damage('image-private')
    },
    kind: 'image',
  },
  {
    name: 'an image without os_distro: (vm, None, kubernetes)',
    finding: 'cluster-type-none',
    harm: ({ damage }) => {
      damage('image-without-distribution')
    },
    kind: 'image',
  },
  {
    name: 'an image without kube_version',
    finding: 'image-without-kube-version',
    harm: ({ damage }) => {
      damage('image-without-kube-version')
    },
    kind: 'image',
  },
  {
    name: 'an image of a distribution that no driver serves',
    finding: 'no-driver',
    harm: ({ state }) => {
      for (const image of [...state.images.values()])
        state.images.set(image.id, { ...image, properties: { ...image.properties, os_distro: 'plan9' } })
    },
    kind: 'image',
  },
  {
    name: 'a flavor that is too small',
    finding: 'flavor-too-small',
    harm: ({ state }) => {
      for (const flavor of [...state.flavors.values()]) state.flavors.set(flavor.id, { ...flavor, ram: 1024 })
    },
    kind: 'flavor',
  },
  {
    name: 'a flavor that the creator does not see',
    finding: 'flavor-not-visible',
    harm: ({ state }) => {
      for (const flavor of [...state.flavors.values()]) state.flavors.set(flavor.id, { ...flavor, isPublic: false })
    },
    kind: 'flavor',
  },
  {
    name: 'a keypair of another account',
    finding: 'keypair-of-another-user',
    harm: ({ state }) => {
      const { id } = userOf(state, 'acme-svc')
      for (const [key, row] of [...state.keypairs.entries()]) {
        state.keypairs.delete(key)
        state.keypairs.set(`${id}/${row.name}`, { ...row, user_id: id })
      }
    },
    kind: 'keypair',
  },
  {
    name: 'a met quota of load balancers',
    finding: 'quota-met',
    harm: ({ state }) => {
      state.quotas.set(`load-balancer/${projectOf(state).id}`, { load_balancer: 0 })
    },
    kind: 'quota',
  },
  {
    name: 'a met quota of servers',
    finding: 'quota-met',
    harm: ({ state }) => {
      state.quotas.set(`compute/${projectOf(state).id}`, { instances: 1 })
    },
    kind: 'quota',
  },
  {
    name: 'no address left',
    finding: 'addresses-exhausted',
    harm: ({ damage }) => {
      damage('no-addresses')
    },
    kind: 'egress',
  },
  {
    name: 'an external network that the project is not shown',
    finding: 'external-gateway-refused',
    harm: ({ damage }) => {
      damage('external-network-hidden')
    },
    kind: 'egress',
  },
  {
    name: 'a policy that gives no tenant a gateway',
    finding: 'external-gateway-refused',
    faults: ['external-gateway-refused'],
    harm: ({ state }) => {
      for (const router of [...state.routers.values()]) state.routers.set(router.id, { ...router, gateway: undefined })
    },
    kind: 'egress',
  },
  { name: 'a wrong clock', finding: 'clock', faults: ['clock-skew'], kind: 'clock' },
]

function userOf({ users }: Cloud['state'], name: string) {
  const found = users.find((user) => user.name === name)
  if (found === undefined) throw new Error(`there is no user ${name}`)
  return found
}

function projectOf({ projects }: Cloud['state']) {
  const found = projects.find(({ name }) => name === 'acme-prod')
  if (found === undefined) throw new Error('there is no project acme-prod')
  return found
}
