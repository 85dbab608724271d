import type { OperatorPoint, StageName } from '../tenant/stage.ts'

/**
 * Every place where onboarding reads or acts as an operator, and what a run without one does there. The classes are the
 * seeds': `perimeter` is the operator's to know, `tenant could` is a look-up that the tenant makes itself.
 */
export type KnownPoint = OperatorPoint & {
  readonly stage: StageName
  /** Where the operator is used otherwise; a test holds this list against the sources. */
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
    instead: 'looked up by the account that makes clusters: external networks are shown to every project',
  },
  {
    stage: 'preflight',
    source: readings,
    what: 'the subnets of all projects, for a prefix that overlaps none',
    reach: 'perimeter',
    instead: 'the prefix is taken as the operator allotted it, and held against the subnets that the tenant sees',
  },
  {
    stage: 'preflight',
    source: readings,
    what: "which roles imply which, and Magnum's domain with its admin",
    reach: 'perimeter',
    instead: 'nothing; a cloud that lacks them shows at the first account and at the first cluster',
  },
  {
    stage: 'preflight',
    source: 'onboarding/preflight/network.ts',
    what: 'how many addresses of the external network are free',
    reach: 'perimeter',
    instead: 'nothing; a router that gets none fails, and Neutron says so',
  },
  {
    stage: 'preflight',
    source: ownDomain,
    what: 'whether the domain keeps its users elsewhere (LDAP)',
    reach: 'perimeter',
    instead: 'nothing; an account that cannot be made says so',
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
    what: 'the domain, its domain manager, and that one role on it',
    reach: 'perimeter',
    instead: 'made by the operator; read back by the manager as far as its own domain goes',
  },
  {
    stage: 'domain',
    source: 'onboarding/stages/domain.ts',
    what: 'what the manager reaches outside of its domain, by groups, by inheritance or on the system',
    reach: 'perimeter',
    instead: "the roles of the manager's own token are read; what it may scope to elsewhere is asked of Keystone",
  },
  {
    stage: 'self-service',
    source: 'onboarding/stages/self-service.ts',
    what: 'what the two accounts reach by groups, by inheritance or on the system',
    reach: 'perimeter',
    instead: 'their assignments in the own domain are listed by the manager, which made them',
  },
  {
    stage: 'self-service',
    source: 'onboarding/quota.ts',
    what: 'setting the quotas',
    reach: 'perimeter',
    instead: 'nothing; the operator sets them with `apply` once the project stands',
  },
  {
    stage: 'self-service',
    source: 'onboarding/stages/self-service.ts',
    what: 'reading the quotas back',
    reach: 'tenant could',
    instead: 'read by the account that makes clusters, service by service, where the service lets it',
  },
  {
    stage: 'isolation',
    source: 'onboarding/stages/isolation.ts',
    what: 'ids of real users and projects of others, to try and read them',
    reach: 'perimeter',
    instead: "what the manager can list of others is read; the operator's `verify` tries the rest",
  },
  {
    stage: 'isolation',
    source: 'onboarding/stages/isolation.ts',
    what: 'whether a refused grant really is not there',
    reach: 'tenant could',
    instead: 'read back by the manager in its own domain',
  },
  {
    stage: 'cluster',
    source: 'onboarding/cluster/watch.ts',
    what: "the trustee of the cluster, a user of Magnum's domain",
    reach: 'perimeter',
    instead: "the trusts that the creator made are read by the creator, with their roles; one of them is the cluster's",
  },
]

export function pointsOf(stage: StageName): readonly OperatorPoint[] {
  return operatorPoints
    .filter((point) => point.stage === stage)
    .map(({ what, reach, instead }) => ({ what, reach, instead }))
}
