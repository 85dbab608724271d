/** One diagnosis under way: whom it is about, what is wrong, what was tried, and what has to be removed again. */
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
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { ExperimentReport } from './outcome.ts'
import type { Symptom } from './symptom.ts'
import type { VaultAccess } from './vault.ts'

export type Subject = {
  readonly tenant: Tenant
  readonly operator: Session<'operator'>
  readonly sessions: Sessions
  /** A session of a throwaway identity. */
  readonly open: ProbeDomainOptions['open']
  readonly endpoint: Endpoint
  /** Trusts any certificate: to look at a server that is not trusted, with nothing of ours in the request. */
  readonly anyCertificate: Fetch
  readonly vault?: VaultAccess | undefined
  /** Of barbican-api: what Vault said stands nowhere else. */
  readonly barbicanLog?: ServiceLog | undefined
  readonly symptom: Symptom
  /** What this tenant's home knows of earlier runs. */
  readonly evidence: readonly EvidenceRecord[]
  readonly random: Random
  readonly now: () => Date
  /** By what clock the deadline goes; the machine's by itself. */
  readonly startTimer?: StartTimer | undefined
}

export class Case {
  readonly subject: Subject
  readonly throwaways: Throwaways
  /** Fulfilled when no experiment is waited for any longer. */
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

  /** An experiment that nobody waits for any longer may still be making something. */
  track(experiment: Promise<unknown>): void {
    const settled: Promise<unknown> = experiment.then(
      () => this.#running.delete(settled),
      () => this.#running.delete(settled),
    )
    this.#running.add(settled)
  }

  /** When the last of them has come to its end. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
