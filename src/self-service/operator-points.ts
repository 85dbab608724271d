import type { OperatorPoint, StageName } from '../tenant/stage.ts'

/**
 * Every place where onboarding reads or acts as an operator, and what a run without one does there. `perimeter`: only
 * an operator can know or do it. `tenant could`: a look-up that the tenant makes itself.
 */
export type KnownPoint = OperatorPoint & {
  readonly stage: StageName
  /** The place in the source that uses the operator. A test compares this list with the sources. */
  readonly source: string
}

const ownDomain = 'onboarding/preflight/own-domain.ts'
const readings = 'onboarding/cloud-readings.ts'
const proof = 'onboarding/stages/preflight.ts'

export const operatorPoints: readonly KnownPoint[] = [
  {
    stage: 'preflight',
    source: readings,
    what: 'the roles of the cloud and their ids',
    reach: 'tenant could',
    instead: 'listed by the domain manager',
  },
  {
    stage: 'preflight',
    source: readings,
    what: 'a public image that is ready for Kubernetes, and flavors that suffice',
    reach: 'tenant could',
    instead: 'looked up by the account that makes clusters, on its project',
  },
  {
    stage: 'preflight',
    source: readings,
    what: 'the external network',
    reach: 'tenant could',
    instead: 'looked up by the account that makes clusters, because every project sees external networks',
  },
  {
    stage: 'preflight',
    source: readings,
    what: 'the subnets of all projects, for a prefix that overlaps none',
    reach: 'perimeter',
    instead: 'the prefix is used as the operator allotted it, and compared with the subnets that the tenant sees',
  },
  {
    stage: 'preflight',
    source: readings,
    what: "which roles imply which, and Magnum's domain with its admin",
    reach: 'perimeter',
    instead: 'nothing; if the cloud lacks them, the first account or the first cluster fails',
  },
  {
    stage: 'preflight',
    source: 'onboarding/preflight/network.ts',
    what: 'how many addresses of the external network are free',
    reach: 'perimeter',
    instead: "nothing; a router that gets no address fails, with Neutron's message",
  },
  {
    stage: 'preflight',
    source: ownDomain,
    what: "is the domain's user directory external (LDAP)?",
    reach: 'perimeter',
    instead: "nothing; an account that cannot be made fails, with Keystone's message",
  },
  {
    stage: 'preflight',
    source: proof,
    what: 'the proof of persona, trusts and certificate store with a throwaway domain',
    reach: 'perimeter',
    instead: "nothing; it is in the operator's evidence, whose head the handover names",
  },
  {
    stage: 'domain',
    source: 'onboarding/stages/domain.ts',
    what: "the domain, its domain manager, and the manager's one role",
    reach: 'perimeter',
    instead: 'made by the operator; read back by the manager within its own domain',
  },
  {
    stage: 'domain',
    source: 'onboarding/stages/domain.ts',
    what: "the manager's roles outside of its domain, by groups, by inheritance or on the system",
    reach: 'perimeter',
    instead: "the roles of the manager's own token are read; Keystone is asked for other scopes",
  },
  {
    stage: 'self-service',
    source: 'onboarding/stages/self-service.ts',
    what: "the two accounts' roles by groups, by inheritance or on the system",
    reach: 'perimeter',
    instead: 'the manager, which made them, lists their assignments in its own domain',
  },
  {
    stage: 'self-service',
    source: 'onboarding/quota.ts',
    what: 'setting the quotas',
    reach: 'perimeter',
    instead: 'nothing; the operator sets them with `apply` once the project exists',
  },
  {
    stage: 'self-service',
    source: 'onboarding/quota-use.ts',
    what: 'what is in use of each quota, where the file asks for less',
    reach: 'perimeter',
    instead: 'nothing; what is too much is refused when it is made',
  },
  {
    stage: 'self-service',
    source: 'onboarding/stages/self-service.ts',
    what: 'reading the quotas back',
    reach: 'tenant could',
    instead: 'read by the account that makes clusters, from each service that allows it',
  },
  {
    stage: 'isolation',
    source: 'onboarding/stages/isolation.ts',
    what: 'ids of existing users and projects of other tenants, to try and read them',
    reach: 'perimeter',
    instead: "the manager reads the foreign objects that it can list; the operator's `verify` tries the rest",
  },
  {
    stage: 'isolation',
    source: 'onboarding/stages/isolation.ts',
    what: 'is a refused grant really absent?',
    reach: 'tenant could',
    instead: 'read back by the manager in its own domain',
  },
  {
    stage: 'cluster',
    source: 'onboarding/cluster/watch.ts',
    what: "the trustee of the cluster, a user of Magnum's domain",
    reach: 'perimeter',
    instead: "the creator reads the trusts that it made, with their roles; one of them is the cluster's",
  },
]

export function pointsOf(stage: StageName): readonly OperatorPoint[] {
  return operatorPoints
    .filter((point) => point.stage === stage)
    .map(({ what, reach, instead }) => ({ what, reach, instead }))
}
