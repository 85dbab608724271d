import type { Finding } from '../../finding.ts'
import type { Actor } from '../../tenant/actors.ts'
import type { Check } from '../../tenant/stage.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { CloudReadings } from '../cloud-readings.ts'

/** Everything that preflight reads, so that the choices below are pure. */
export type Readings = CloudReadings & {
  /** True if accounts cannot be made in the tenant's domain. */
  readonly hasOwnDirectory: boolean
  readonly ownProjects: ReadonlyMap<string, string>
}

/** Collects claims and findings about what an operator provides. `reader` is the account that reads. */
export class PreflightRecord {
  readonly findings: Finding[] = []
  readonly checks: Omit<Check, 'requestIds'>[] = []
  readonly #tenant: Tenant
  readonly #reader: Actor

  constructor(tenant: Tenant, reader: Actor = 'operator') {
    this.#tenant = tenant
    this.#reader = reader
  }

  get isOfOperator(): boolean {
    return this.#reader === 'operator'
  }

  /** How far the reader sees. */
  get horizon(): string {
    return this.isOfOperator ? 'of the cloud' : 'that the tenant sees'
  }

  /** The file in which a choice is recorded. */
  get file(): string {
    return this.isOfOperator ? 'cloud.yaml' : 'the tenant file, below `overrides`'
  }

  /** Records a claim, and the finding if it does not hold. */
  claim(claim: string, ok: boolean, value: unknown, otherwise?: Omit<Finding, 'severity' | 'owner'>): void {
    const reach = this.isOfOperator ? 'perimeter' : 'tenant could'
    this.checks.push({ claim, ok, value, actor: this.#reader, reach })
    if (!ok && otherwise !== undefined) this.findings.push({ ...otherwise, severity: 'error', owner: 'operator' })
  }

  note(severity: 'warning' | 'info', finding: Omit<Finding, 'severity' | 'owner' | 'where'>): void {
    this.findings.push({ ...finding, severity, where: `domain ${this.#tenant.names.domain}`, owner: 'operator' })
  }
}
