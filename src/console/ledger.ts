import { errorChain } from '../errors.ts'
import { listHomes } from './homes.ts'
import type { TenantHome } from './homes.ts'
import type { RowsEvent, TenantRow } from './model.ts'
import { idsOf } from './evidence-ids.ts'
import type { EvidenceIds } from './evidence-ids.ts'
import { readTenant, signatureOf, stampOf } from './reading.ts'
import { rowOf } from './tenant-view.ts'

type Kept = {
  readonly signature: string
  readonly file: string | undefined
  readonly row: TenantRow
  /** Of the evidence with this stamp. */
  readonly ids?: { readonly stamp: string; readonly of: EvidenceIds } | undefined
}

/** Concurrent reads. The evidence of each is in memory as a whole meanwhile, and verifying it takes the processor and not the disk. */
const abreast = 2

/**
 * The list of tenants, kept between reads: a tenant whose files have not changed is not read again. One for the whole
 * server, so that a second page costs nothing.
 */
export class Ledger {
  readonly #root: string
  readonly #kept = new Map<string, Kept>()
  #looking: Promise<void> | undefined
  /** Who waits for the look: it ends when nobody does any more. */
  readonly #waiting = new Set<() => boolean>()

  constructor(root: string) {
    this.#root = root
  }

  get rows(): readonly TenantRow[] {
    return [...this.#kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { row }]) => row)
  }

  /** Reads every tenant; `rows` has all of them at once, as `not checked` until each is read. Two concurrent callers share one read, which ends when `isOver` is true for all. */
  async look(isOver: () => boolean): Promise<void> {
    this.#waiting.add(isOver)
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    try {
      await this.#looking
    } finally {
      this.#waiting.delete(isOver)
    }
  }

  /** The ids in the evidence of a tenant, if they are known and the file is still the same. */
  async idsIn(home: TenantHome): Promise<EvidenceIds | undefined> {
    const ids = this.#kept.get(keyOf(home))?.ids
    return ids !== undefined && ids.stamp === (await stampOf(home.home.evidence)) ? ids.of : undefined
  }

  async #lookNow(): Promise<void> {
    const homes = await listHomes(this.#root)
    for (const home of homes) if (!this.#kept.has(keyOf(home))) this.#kept.set(keyOf(home), notChecked(home))
    for (let from = 0; from < homes.length; from += abreast) {
      if ([...this.#waiting].every((isOver) => isOver())) return
      const some = homes.slice(from, from + abreast)
      await Promise.all(some.map(async (home) => this.#kept.set(keyOf(home), await this.#keep(home))))
    }
    const there = new Set(homes.map(keyOf))
    for (const key of this.#kept.keys()) if (!there.has(key)) this.#kept.delete(key)
  }

  async #keep(home: TenantHome): Promise<Kept> {
    const known = this.#kept.get(keyOf(home))
    const signature = await signatureOf(home, known?.file)
    if (known?.signature === signature) return known
    const { file, row, ids } = await this.#read(home)
    // an equal row is no change, so no page is notified
    const isSame = known !== undefined && JSON.stringify(known.row) === JSON.stringify(row)
    return { signature, file, row: isSame ? known.row : row, ids }
  }

  async #read(home: TenantHome): Promise<Omit<Kept, 'signature'>> {
    try {
      const stamp = await stampOf(home.home.evidence)
      const reading = await readTenant(home)
      const of = idsOf(reading.records)
      return { file: reading.file, row: rowOf(home, reading), ids: of && { stamp, of } }
    } catch (error) {
      // an unreadable tenant does not hide the others
      const problem = errorChain(error).join(': ')
      return {
        file: undefined,
        row: { cloud: home.cloud, tenant: home.tenant, state: 'unreadable', stages: [], problem },
      }
    }
  }
}

/** Before its evidence is read: nothing of it is believed, so nothing of it is said (docs/decisions/0214). */
function notChecked({ cloud, tenant }: TenantHome): Kept {
  return { signature: '', file: undefined, row: { cloud, tenant, state: 'not checked', stages: [] } }
}

/** The changes for a page that has `before`. */
export function difference(before: readonly TenantRow[], after: readonly TenantRow[]): Omit<RowsEvent, 'isComplete'> {
  const known = new Map(before.map((row) => [keyOf(row), row]))
  // a row is replaced only if its content differs, so an identical object means no change
  const rows = after.filter((row) => known.get(keyOf(row)) !== row)
  const left = new Set(after.map(keyOf))
  const gone = before.filter((row) => !left.has(keyOf(row))).map(({ cloud, tenant }) => ({ cloud, tenant }))
  return { rows, gone }
}

function keyOf({ cloud, tenant }: { readonly cloud: string; readonly tenant: string }): string {
  return `${cloud}/${tenant}`
}
