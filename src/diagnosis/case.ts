/** One diagnosis in progress: its tenant, the symptom, what was tried, and what must be removed again. */
import type { Endpoint } from '../openstack/options.ts'
import type { Fetch } from '../openstack/http.ts'
import type { Session } from '../openstack/session.ts'
import type { StartTimer } from '../openstack/timer.ts'
import type { ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import { newRun } from '../probes/throwaway/run.ts'
import type { Random } from '../probes/throwaway/run.ts'
import { Throwaways } from '../probes/throwaway/throwaways.ts'
import type { ServiceLog } from '../logs/log.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import type { ExperimentReport } from './outcome.ts'
import type { Symptom } from './symptom.ts'
import type { VaultAccess } from './vault/reading.ts'
import type { ClusterAccess, ManagementAccess } from './management/access.ts'

export type Subject = {
  readonly tenant: Tenant
  readonly operator: Session<'operator'>
  readonly sessions: Sessions
  /** Opens a session of a throwaway identity. */
  readonly open: ProbeDomainOptions['open']
  readonly endpoint: Endpoint
  /** Trusts any certificate, to look at an untrusted server. Nothing secret is sent. */
  readonly anyCertificate: Fetch
  readonly vault?: VaultAccess | undefined
  readonly management?: ManagementAccess | undefined
  /** To the API of a project's cluster; `undefined` while no kubeconfig of it is in the data directory. */
  readonly accessToCluster: (project: TenantProject) => Promise<ClusterAccess | undefined>
  /** The log of barbican-api, which alone has Vault's errors. */
  readonly barbicanLog?: ServiceLog | undefined
  readonly symptom: Symptom
  /** What this tenant's data directory knows about earlier runs. */
  readonly evidence: readonly EvidenceRecord[]
  /** Of the data directory: what a killed diagnosis left is removed by the next one. */
  readonly runs: ProbeRuns
  readonly random: Random
  readonly now: () => Date
  /** By what clock the deadline goes; the machine's by itself. */
  readonly startTimer?: StartTimer | undefined
  /**
   * How long experiments are waited for, in milliseconds. Afterwards only the removal of their objects sends requests.
   */
  readonly patienceMs: number
}

export class Case {
  readonly subject: Subject
  readonly throwaways: Throwaways
  /** Resolves when no experiment is waited for any longer. */
  readonly deadline: Promise<void>
  readonly #reports: ExperimentReport[] = []
  readonly #running = new Set<Promise<unknown>>()

  constructor(subject: Subject, deadline: Promise<void>) {
    this.subject = subject
    this.throwaways = new Throwaways(newRun(subject.now(), subject.random))
    this.deadline = deadline
  }

  get reports(): readonly ExperimentReport[] {
    return this.#reports
  }

  report(report: ExperimentReport): void {
    this.#reports.push(report)
  }

  /** An experiment that is no longer waited for may still be making something. */
  track(experiment: Promise<unknown>): void {
    const settled: Promise<unknown> = experiment.then(
      () => this.#running.delete(settled),
      () => this.#running.delete(settled),
    )
    this.#running.add(settled)
  }

  /** Resolves when the last of them has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
