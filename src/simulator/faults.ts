/**
 * What can go wrong, as data: a name from the list below, or a rule for requests. A person causes each by hand with
 * `--fault`, and every test uses the same ones.
 */
import type { ClusterFault } from './cluster-fault.ts'
import type { Json } from './json.ts'
import type { KubernetesFault } from './kubernetes/fault.ts'
import type { ServiceType } from './world.ts'

export type Fault = FaultName | RequestFault

export type RequestFault = {
  readonly kind:
    | 'answer' // answers this instead of doing it
    | 'answer-after-effect' // does it, and answers this
    | 'lost-answer' // does it, and the connection breaks
    | 'unreachable' // the connection breaks before anything is done
    | 'slow' // answers after `ms`
    | 'token-expired' // the used token has just expired
  readonly service?: ServiceType
  readonly method?: string
  /** A regular expression on the path below the service's base, without the query. */
  readonly path?: string
  /** How many requests it affects; all of them if absent. */
  readonly times?: number
  /** How many requests pass before it starts. */
  readonly after?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly ms?: number
}

export type FaultName = keyof typeof FAULTS

export type VaultMode =
  | 'works'
  | 'stale-secret-id'
  | 'stale-second-unit'
  | 'secret-id-not-taken'
  | 'wrong-plane'
  | 'token-bound'
  | 'no-secret-id'
  | 'locked-out'
  | 'policy-missing'
  | 'mount-moved'
  | 'rate-limit'
  | 'kv-upgraded'
  | 'sealed'
  | 'down'

type Named = {
  readonly summary: string
  /** A policy file that Keystone loads last. */
  readonly override?: string
  /** Puts this fix into Keystone. */
  readonly security?: 'ossa-2026-015'
  readonly requests?: readonly RequestFault[]
  /** Changes the state: the name of a change in `damage.ts`. */
  readonly damage?: Damage
  /** The fault inside of every completed cluster. */
  readonly kubernetes?: KubernetesFault
  readonly cluster?: ClusterFault
  /** Seconds by which the cloud's clock is wrong. */
  readonly skew?: number
  /** What Vault shows an operator. */
  readonly vault?: VaultMode
}

export type Damage =
  | 'image-without-kube-version'
  | 'image-without-distribution'
  | 'image-name-twice'
  | 'image-of-another-driver'
  | 'no-addresses'
  | 'load-balancer-quota-met'
  | 'compute-quota-met'
  | 'magnum-domain-admin-lost'
  | 'magnum-domain-admin-disabled'
  | 'magnum-domain-admin-password'
  | 'image-private'
  | 'external-network-hidden'

/** Barbican's answer if its store fails; the reason is only in its log. barbican/plugin/vault_secret_store.py. */
const STORE_FAILED: Json = {
  code: 500,
  title: 'Internal Server Error',
  description: 'Secret creation failure seen - please contact site administrator.',
}

const STORE_FAULT: RequestFault = {
  kind: 'answer',
  service: 'key-manager',
  method: 'POST',
  path: '^/v1/secrets$',
  status: 500,
  body: STORE_FAILED,
}

/** castellan takes Vault's 404 and 429 for success: Barbican answers 201, and the payload is nowhere. */
const KEEPS_NOTHING: RequestFault = {
  kind: 'answer',
  service: 'key-manager',
  method: 'GET',
  path: '^/v1/secrets/[^/]+/payload$',
  status: 500,
  body: {
    code: 500,
    title: 'Internal Server Error',
    description: 'Secret payload retrieval failure seen - please contact site administrator.',
  },
}

/** Magnum repeats Barbican's answer. */
const CERTIFICATES_LOST: RequestFault = {
  kind: 'answer',
  service: 'container-infra',
  method: 'GET',
  path: '^/v1/certificates/',
  status: 500,
  body: {
    errors: [
      {
        request_id: '',
        code: '',
        status: 500,
        title: 'Internal Server Error',
        detail:
          'Key manager error: Internal Server Error: Secret payload retrieval failure seen - please contact site administrator.',
        links: [],
      },
    ],
  },
}

export const FAULTS = {
  'dead-create-rules': {
    summary: 'the create rules read the request body where a patched Keystone no longer puts it (D-064)',
    override: [
      // A cloud's admin has no domain in its token; every other caller must match one that is never there.
      '"identity:create_user": "(role:admin and domain_id:None) or domain_id:%(user.domain_id)s"',
      '"identity:create_project": "(role:admin and domain_id:None) or domain_id:%(project.domain_id)s"',
      '"identity:create_group": "(role:admin and domain_id:None) or domain_id:%(group.domain_id)s"',
      '',
    ].join('\n'),
  },
  'dead-trust-rule': {
    summary: 'nobody can create a trust, because its rule reads the body where it no longer is (D-065)',
    override: '"identity:create_trust": "user_id:%(trust.trustor_user_id)s"\n',
  },
  'application-credential-trust': {
    summary: 'a token from an application credential creates no trust (D-066)',
    security: 'ossa-2026-015',
  },
  'certificate-store': {
    summary: 'Barbican cannot reach Vault and stores no secret (D-067)',
    requests: [STORE_FAULT],
  },
  'vault-stale-secret-id': {
    summary: 'the secret id of Barbican is bound to the earlier address of its unit (D-067)',
    requests: [STORE_FAULT],
    vault: 'stale-secret-id',
  },
  'vault-wrong-plane': {
    summary: 'role and secret id are bound to the address of the unit, but it uses another one (D-067)',
    requests: [STORE_FAULT],
    vault: 'wrong-plane',
  },
  'vault-token-bound': {
    summary: 'Barbican signs in to Vault, and its token is refused at its address (D-067)',
    requests: [STORE_FAULT],
    vault: 'token-bound',
  },
  'vault-no-secret-id': {
    summary: 'the role of Barbican has no secret id any more (D-067)',
    requests: [STORE_FAULT],
    vault: 'no-secret-id',
  },
  'vault-stale-second-unit': {
    summary: 'of three units of Barbican the second has a stale secret id (D-067)',
    requests: [STORE_FAULT],
    vault: 'stale-second-unit',
  },
  'vault-secret-id-not-taken': {
    summary: 'the secret id was refreshed, and Barbican still uses the old one (D-067)',
    requests: [STORE_FAULT],
    vault: 'secret-id-not-taken',
  },
  'vault-locked-out': {
    summary: 'Vault locked the role of Barbican out after refused sign-ins (D-067)',
    requests: [STORE_FAULT],
    vault: 'locked-out',
  },
  'vault-policy-missing': {
    summary: 'the policy of the role of Barbican is gone (D-067)',
    requests: [STORE_FAULT],
    vault: 'policy-missing',
  },
  'vault-mount-moved': {
    summary: 'the mount of Barbican was moved: it answers 201 and keeps nothing (D-067)',
    requests: [KEEPS_NOTHING],
    vault: 'mount-moved',
  },
  'vault-rate-limit': {
    summary: 'a rate limit of Vault refuses Barbican: it answers 201 and keeps nothing (D-067)',
    requests: [KEEPS_NOTHING],
    vault: 'rate-limit',
  },
  'vault-kv-upgraded': {
    summary: 'the mount of Barbican was made KV 2: certificates of before are unreadable (D-067)',
    requests: [CERTIFICATES_LOST],
    vault: 'kv-upgraded',
  },
  'vault-sealed': { summary: 'Vault is sealed (D-067)', requests: [STORE_FAULT], vault: 'sealed' },
  'vault-down': { summary: 'Vault does not answer (D-067)', requests: [STORE_FAULT], vault: 'down' },
  'image-without-kube-version': {
    summary: 'the public image lost its kube_version property',
    damage: 'image-without-kube-version',
  },
  'image-without-distribution': {
    summary: 'the public image lost its os_distro property',
    damage: 'image-without-distribution',
  },
  'image-of-another-driver': {
    summary: 'no driver of this Magnum supports the distribution of the public image',
    damage: 'image-of-another-driver',
  },
  'image-name-twice': { summary: 'two public images have the same name', damage: 'image-name-twice' },
  'no-addresses': { summary: 'the external network has no address left', damage: 'no-addresses' },
  'quota-met-late': {
    summary: 'every new project has a load balancer quota of 0, which only the driver finds out',
    damage: 'load-balancer-quota-met',
  },
  'compute-quota-met': { summary: 'every new project may boot one server', damage: 'compute-quota-met' },
  'magnum-domain-admin-lost': {
    summary: 'magnum_domain_admin lost its role',
    damage: 'magnum-domain-admin-lost',
  },
  'magnum-domain-admin-disabled': {
    summary: 'magnum_domain_admin is disabled',
    damage: 'magnum-domain-admin-disabled',
  },
  'magnum-domain-admin-password': {
    summary: "magnum_domain_admin has another password than in Magnum's configuration",
    damage: 'magnum-domain-admin-password',
  },
  'image-private': { summary: 'the image for Kubernetes is no longer public', damage: 'image-private' },
  'external-network-hidden': {
    summary: 'no project sees the external network',
    damage: 'external-network-hidden',
  },
  'external-gateway-refused': {
    summary: "Neutron's policy allows no tenant an external gateway",
    // neutron 21.0.0, conf/policies/router.py, create_router:external_gateway_info:network_id as an operator may tighten it
    requests: (['POST', 'PUT'] as const).map((method) => ({
      kind: 'answer' as const,
      service: 'network' as const,
      method,
      path: '^/v2.0/routers(/[0-9a-f-]{36})?$',
      status: 403,
      body: {
        NeutronError: {
          type: 'PolicyNotAuthorized',
          message:
            '(rule:create_router and (rule:create_router:external_gateway_info and rule:create_router:external_gateway_info:network_id)) is disallowed by policy',
          detail: '',
        },
      },
    })),
  },
  'child-credential-stays': {
    summary: "Magnum's account may not remove its driver's credential, so no cluster is ever deleted",
    override: '"identity:delete_application_credential": "user_id:%(user_id)s"\n',
  },
  'cluster-never-finishes': { summary: 'Cluster API never finishes a cluster', cluster: 'never-finishes' },
  'cluster-workers-failed': {
    summary: 'the workers of each complete cluster failed',
    cluster: 'workers-failed',
  },
  'cluster-addon-failed': { summary: 'an addon of each cluster fails, without a reason', cluster: 'addon-failed' },
  'management-cluster-down': {
    summary: 'the API of the management cluster refuses connections',
    cluster: 'management-down',
  },
  'helm-failed': { summary: 'Helm refuses the chart of each cluster', cluster: 'helm-failed' },
  'node-not-ready': { summary: 'one node of each cluster never becomes ready', kubernetes: 'node-not-ready' },
  'cni-crashing': { summary: 'the network agents of each cluster crash', kubernetes: 'cni-crashing' },
  'no-cloud-controller': { summary: 'no cluster runs a cloud controller', kubernetes: 'no-cloud-controller' },
  'lost-answer': {
    summary: 'the answer to the first POST of each service but Keystone is lost',
    requests: (['compute', 'network', 'load-balancer', 'key-manager', 'container-infra'] as const).map((service) => ({
      kind: 'lost-answer' as const,
      service,
      method: 'POST',
      times: 1,
    })),
  },
  'error-after-effect': {
    summary: 'the first network create works and answers 500',
    requests: [
      {
        kind: 'answer-after-effect',
        service: 'network',
        method: 'POST',
        path: '^/v2.0/networks$',
        status: 500,
        times: 1,
      },
    ],
  },
  unavailable: {
    summary: 'every service answers its first two requests with 503',
    requests: (['identity', 'compute', 'network', 'image', 'container-infra'] as const).map((service) => ({
      kind: 'answer' as const,
      service,
      status: 503,
      times: 2,
    })),
  },
  'rate-limited': {
    summary: 'Nova answers its first two requests with 429 and Retry-After: 1',
    requests: [{ kind: 'answer', service: 'compute', status: 429, headers: { 'Retry-After': '1' }, times: 2 }],
  },
  slow: {
    summary: 'Neutron takes a second for every answer',
    requests: [{ kind: 'slow', service: 'network', ms: 1000 }],
  },
  'token-expired': {
    summary: 'the token of the third request to Neutron has just expired',
    requests: [{ kind: 'token-expired', service: 'network', after: 2, times: 1 }],
  },
  'clock-skew': { summary: 'the cloud is an hour ahead', skew: 3600 },
} as const satisfies Readonly<Record<string, Named>>

export function isFaultName(name: string): name is FaultName {
  return name in FAULTS
}

export function namedFault(fault: FaultName): Named {
  return FAULTS[fault]
}

/** The requests that the faults concern, in order. */
export function requestFaults(faults: readonly Fault[]): readonly RequestFault[] {
  return faults.flatMap((fault) => (typeof fault === 'string' ? (namedFault(fault).requests ?? []) : [fault]))
}

/** Counts the requests, so that a fault ends; separate from the data, which never changes. */
export type FaultCounter = (service: ServiceType, method: string, path: string) => RequestFault | undefined

export function countFaults(faults: readonly RequestFault[]): FaultCounter {
  const rules = faults.map((fault) => ({
    fault,
    path: fault.path === undefined ? undefined : new RegExp(fault.path),
    seen: 0,
  }))
  return (service, method, path) => {
    for (const rule of rules) {
      const { fault } = rule
      if (fault.service !== undefined && fault.service !== service) continue
      if (fault.method !== undefined && fault.method !== method) continue
      if (rule.path !== undefined && !rule.path.test(path)) continue
      rule.seen += 1
      const start = fault.after ?? 0
      if (rule.seen > start && rule.seen <= start + (fault.times ?? Infinity)) return fault
    }
    return undefined
  }
}
