import type { OperatorPoint } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Catalogue } from './catalogue.ts'
import type { PolicyOnPaper } from './paper.ts'
import type { StageReport } from './stage-report.ts'

/** What this report does not show, so that silence is not taken for a yes. */
export type Untested = { readonly what: string; readonly why: string; readonly remedy?: string | undefined }

export type UntestedSources = {
  readonly tenant: Tenant
  readonly file: string
  readonly stages: readonly StageReport[]
  readonly catalogue: Catalogue | undefined
  readonly paper: PolicyOnPaper | undefined
}

export function untestedOf(sources: UntestedSources): readonly Untested[] {
  const { tenant, file, stages, catalogue, paper } = sources
  return [
    ...stages.filter(({ state }) => state === 'never run').map(({ stage }) => neverRun(stage, file)),
    ...stages.filter(({ isAccepted }) => isAccepted).map(() => halfWay(file)),
    ...stages.flatMap(({ withoutOperator }) => withoutOperator.map(alone)),
    ...(catalogue === undefined ? [noCatalogue(file)] : silentProbes(catalogue)),
    ...(paper === undefined ? [noPaper(file)] : openClaims(paper)),
    ...accepted(tenant),
    ...(tenant.projects.some(({ spec }) => spec.cluster !== undefined) ? [insideCluster] : []),
    ...always,
  ]
}

function neverRun(stage: string, file: string): Untested {
  return { what: `stage ${stage}`, why: 'it was never run', remedy: `tenant-onboard apply ${file}` }
}

function halfWay(file: string): Untested {
  return {
    what: 'did the cluster become complete?',
    why: 'only its first gate was read: trust and trustee exist',
    remedy: `tenant-onboard apply ${file}`,
  }
}

/** From a run on the tenant's own machine. */
function alone({ what, instead }: OperatorPoint): Untested {
  return { what, why: `without an operator; ${instead}` }
}

function noCatalogue(file: string): Untested {
  return {
    what: 'the catalogue of attacks',
    why: 'only the few probes of the gates were made',
    remedy: `tenant-onboard verify ${file}`,
  }
}

function silentProbes({ probes }: Catalogue): readonly Untested[] {
  return probes
    .filter(({ observed }) => observed === 'unknown')
    .map(({ id, claim, detail }) => ({ what: id ?? claim, why: `inconclusive: ${detail}` }))
}

function noPaper(file: string): Untested {
  return {
    what: 'the policy on paper',
    why: 'no policy was given to this report, so only the attempts are known, and not everything that is possible',
    remedy: `tenant-onboard report ${file} --override OVERRIDE.yaml --base charm --release 27.0.2`,
  }
}

function openClaims({ claims }: PolicyOnPaper): readonly Untested[] {
  return claims
    .filter(({ verdict }) => verdict === 'not shown')
    .map(({ title }) => ({ what: title, why: 'not shown: it depends on something that is not modelled' }))
}

function accepted({ facts }: Tenant): readonly Untested[] {
  return (facts.accepted_findings ?? []).map((code) => ({
    what: code,
    why: 'the operator accepts it in cloud.yaml, so it fails no gate',
  }))
}

const insideCluster: Untested = {
  what: 'the workload in the cluster',
  why: 'its health was read, if its gate says so; nothing was attacked from inside it',
}

const always: readonly Untested[] = [
  {
    what: 'packets between tenants',
    why: 'the APIs were attacked, not the data plane: no frame was sent from one network to another',
  },
  {
    what: 'hypervisors, storage and shared hosts',
    why: 'the isolation of machines on one host is up to the hypervisor',
  },
  {
    what: 'the dashboard, object storage and other services',
    why: 'only the services in this report were asked; a service that is not in the catalog is left out',
  },
  {
    what: 'changes after this report was made',
    why: 'anyone with the rights may change the cloud at any time',
    remedy: 'tenant-onboard audit',
  },
]
