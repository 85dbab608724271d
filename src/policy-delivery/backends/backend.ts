/** A way to a Keystone. There are two: a folder that it reads, and a charm that fills such a folder. */
import type { Finding } from '../../finding.ts'
import type { PolicyText } from '../../policy/releases/keystone.ts'
import type { DeliveryRecord, Snapshot } from '../record.ts'

export type DeliveryBackend = {
  /** For the record, and for people: `folder /etc/keystone/policy.d`. */
  readonly route: string
  look: () => Promise<DeliveredState>
  /** What `deliver` would do, a line each. */
  plan: (standing: DeliveredState, text: string) => readonly string[]
  /** Stores the current bytes in the record, so that they can be restored. */
  keep: (standing: DeliveredState, record: DeliveryRecord) => Promise<Snapshot>
  deliver: (standing: DeliveredState, text: string) => Promise<void>
  restore: (previous: Snapshot, record: DeliveryRecord) => Promise<void>
  /** True if the current state is that of the snapshot. */
  isAs: (standing: DeliveredState, previous: Snapshot) => boolean
}

/** The state before anything is done. */
export type DeliveredState = {
  /** The current override; `undefined`: none, or an unreadable one. */
  readonly text: string | undefined
  /** Other policy files beside it. */
  readonly others: readonly PolicyText[]
  readonly findings: readonly Finding[]
  readonly detail: FolderDetail | CharmDetail
}

export type FolderDetail = {
  readonly kind: 'folder'
  readonly file:
    { readonly bytes: Uint8Array; readonly mode: number; readonly uid: number; readonly gid: number } | undefined
  /** What a new file gets: every account that may enter the folder may read it. */
  readonly fresh: { readonly mode: number; readonly uid: number; readonly gid: number }
}

export type CharmDetail = {
  readonly kind: 'charm'
  readonly isEnabled: boolean
  /** SHA-384, as Juju reports it; `undefined`: no resource, or the empty one of the charm store. */
  readonly resource: { readonly fingerprint: string; readonly origin: string } | undefined
  readonly units: readonly CharmUnit[]
}

export type CharmUnit = {
  readonly name: string
  readonly workload: string
  readonly agent: string
  readonly message: string
}
