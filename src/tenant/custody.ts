import { InputError } from '../errors.ts'
import { readEvidence } from './evidence.ts'
import type { EvidenceRecord } from './evidence.ts'
import type { Home } from './home.ts'
import { sinceOffboarding } from './presence.ts'

/** Who holds the secrets of a tenant, according to the evidence in this data directory. */
export type Custody =
  /** This operator's data directory: `apply` signs in as each actor in turn. */
  | { readonly kind: 'assisted' }
  /** The tenant: they were sealed to it, and this operator's data directory has no readable copy. */
  | {
      readonly kind: 'handed over'
      readonly at: string
      readonly recipient: string
      readonly sha256: string
      /** The operator has reset the domain manager's password since, and has not yet delivered the new one. */
      readonly isReset: boolean
    }
  /** This data directory is the tenant's own: `accept` made it. */
  | { readonly kind: 'own'; readonly at: string; readonly sha256: string }

/** Of a home in which an operator works. */
export type OperatorCustody = Exclude<Custody, { readonly kind: 'own' }>

export function custodyOf(all: readonly EvidenceRecord[]): Custody {
  const [first] = all
  // a chain that follows a broken one begins with what that said about the secrets
  const records = sinceOffboarding(first?.kind === 'set aside' ? [...first.kept, ...all] : all)
  const accepted = records.findLast((record) => record.kind === 'accepted')
  if (accepted?.kind === 'accepted') return { kind: 'own', at: accepted.at, sha256: accepted.sha256 }
  const sealed = records.findLast((record) => record.kind === 'handover')
  if (sealed?.kind !== 'handover' || sealed.recipient === undefined) return { kind: 'assisted' }
  const { at, recipient, sha256 } = sealed
  const isReset = records
    .slice(records.indexOf(sealed))
    .some((record) => record.kind === 'rotated' && record.account === 'domain-admin')
  return { kind: 'handed over', at, recipient, sha256, isReset }
}

/**
 * Throws `InputError` for a data directory in which no operator works. Commands call it before they look for a cloud.
 */
export async function operatorCustody({ path, evidence }: Home): Promise<OperatorCustody> {
  const custody = custodyOf(await readEvidence(evidence))
  if (custody.kind !== 'own') return custody
  throw new InputError(
    `\`${path}\` is the tenant's own data directory, made by \`accept\`; give the operator's command another one with \`--home FOLDER\``,
  )
}
