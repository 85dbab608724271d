/**
 * What can go wrong, as data: a name from the list below, or a rule for requests. A person provokes each by hand with
 * `--fault`, and every test uses the same ones.
 */
import type { Json } from './json.ts'
import type { KubernetesFault } from './kubernetes/fault.ts'
import type { ServiceType } from './world.ts'

export type Fault = FaultName | RequestFault

export type RequestFault = {
  readonly kind:
    | 'answer' // says so instead of doing it
    | 'answer-after-effect' // does it, and says this
    | 'lost-answer' // does it, and the connection breaks
    | 'unreachable' // the connection breaks before anything is done
    | 'slow' // answers after `ms`
    | 'token-expired' // the token that is used has just expired
  readonly service?: ServiceType
  readonly method?: string
  /** A regular expression on the path below the service's base, without the query. */
  readonly path?: string
  /** How many requests it hits; all of them if absent. */
  readonly times?: number
  /** How many requests pass before it starts. */
  readonly after?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly ms?: number
}

export type FaultName = keyof typeof FAULTS

export type VaultMode = 'works' | 'stale-secret-id' | 'wrong-plane' | 'token-bound' | 'no-secret-id' | 'sealed' | 'down'

type Named = {
  readonly summary: string
  /** A policy file that Keystone loads last. */
  readonly override?: string
  /** Raises the security level to at least this one. */
  readonly security?: 'ossa-2026-015'
  readonly requests?: readonly RequestFault[]
  /** Changes what is there: the name of a change in `damage.ts`. */
  readonly damage?: Damage
  /** What is wrong inside of every cluster that completes. */
  readonly kubernetes?: KubernetesFault
  /** Seconds by which the cloud's clock is off. */
  readonly skew?: number
  /** What an operator finds who asks Vault. */
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

/** What Barbican says when its store fails; the reason is only in its log. barbican/plugin/vault_secret_store.py. */
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

export const FAULTS = {
  'dead-create-rules': {
    summary: 'D-064: the create rules read the request body where a patched Keystone no longer puts it',
    override: [
      // A cloud's admin has no domain in its token; everybody else has to match one that is never there.
      '"identity:create_user": "(role:admin and domain_id:None) or domain_id:%(user.domain_id)s"',
      '"identity:create_project": "(role:admin and domain_id:None) or domain_id:%(project.domain_id)s"',
      '"identity:create_group": "(role:admin and domain_id:None) or domain_id:%(group.domain_id)s"',
      '',
    ].join('\n'),
  },
  'dead-trust-rule': {
    summary: 'D-065: nobody can create a trust, because its rule reads the body where it no longer is',
    override: '"identity:create_trust": "user_id:%(trust.trustor_user_id)s"\n',
  },
  'application-credential-trust': {
    summary: 'D-066: a token got by an application credential creates no trust',
    security: 'ossa-2026-015',
  },
  'certificate-store': {
    summary: 'D-067: Barbican cannot reach Vault and stores no secret',
    requests: [STORE_FAULT],
  },
  'vault-stale-secret-id': {
    summary: 'D-067: the secret id of Barbican is bound to the address that its unit had before',
    requests: [STORE_FAULT],
    vault: 'stale-secret-id',
  },
  'vault-wrong-plane': {
    summary: 'D-067: role and secret id are bound to the address of the unit, which is not where it comes from',
    requests: [STORE_FAULT],
    vault: 'wrong-plane',
  },
  'vault-token-bound': {
    summary: 'D-067: Barbican signs in to Vault, and its token is refused from where it is',
    requests: [STORE_FAULT],
    vault: 'token-bound',
  },
  'vault-no-secret-id': {
    summary: 'D-067: the role of Barbican has no secret id any more',
    requests: [STORE_FAULT],
    vault: 'no-secret-id',
  },
  'vault-sealed': { summary: 'D-067: Vault is sealed', requests: [STORE_FAULT], vault: 'sealed' },
  'vault-down': { summary: 'D-067: Vault does not answer', requests: [STORE_FAULT], vault: 'down' },
  'image-without-kube-version': {
    summary: 'the public image lost its kube_version property',
    damage: 'image-without-kube-version',
  },
  'image-without-distribution': {
    summary: 'the public image lost its os_distro property',
    damage: 'image-without-distribution',
  },
  'image-of-another-driver': {
    summary: 'no driver of this Magnum serves the distribution of the public image',
    damage: 'image-of-another-driver',
  },
  'image-name-twice': { summary: 'two public images have the same name', damage: 'image-name-twice' },
  'no-addresses': { summary: 'the external network has no address left', damage: 'no-addresses' },
  'quota-met-late': {
    summary: 'every new project may have no load balancer, which only the driver finds out',
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
    summary: 'magnum_domain_admin has another password than the configuration of Magnum',
    damage: 'magnum-domain-admin-password',
  },
  'image-private': { summary: 'the image for Kubernetes is no longer public', damage: 'image-private' },
  'external-network-hidden': {
    summary: 'no project is shown the external network',
    damage: 'external-network-hidden',
  },
  'external-gateway-refused': {
    summary: "Neutron's policy gives no tenant an external gateway",
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
    summary: "Magnum's account may not remove the credential that its driver made, so no cluster goes",
    override: '"identity:delete_application_credential": "user_id:%(user_id)s"\n',
  },
  'node-not-ready': { summary: 'one node of each cluster never becomes ready', kubernetes: 'node-not-ready' },
  'cni-crashing': { summary: 'the network agents of each cluster crash', kubernetes: 'cni-crashing' },
  'no-cloud-controller': { summary: 'no cluster runs a cloud controller', kubernetes: 'no-cloud-controller' },
  'lost-answer': {
    summary: 'the answer to the first POST of each service but Keystone is lost on its way',
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

/** The requests that the faults are about, in order. */
export function requestFaults(faults: readonly Fault[]): readonly RequestFault[] {
  return faults.flatMap((fault) => (typeof fault === 'string' ? (namedFault(fault).requests ?? []) : [fault]))
}

/** Counts, so that a fault ends; kept apart from the data, which never changes. */
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
