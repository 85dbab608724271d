import { errorChain } from '../errors.ts'
import { listHomes } from './homes.ts'
import type { TenantHome } from './homes.ts'
import type { RowsEvent, TenantRow } from './model.ts'
import { readTenant, signatureOf } from './reading.ts'
import { rowOf } from './tenant-view.ts'

type Kept = { readonly signature: string; readonly file: string | undefined; readonly row: TenantRow }

/** Concurrent reads; more would only queue for the disk. */
const abreast = 32

/**
 * The list of tenants, kept between reads: a tenant whose files have not changed is not read again. One for the whole
 * server, so that a second page costs nothing.
 */
export class Ledger {
  readonly #root: string
  #kept = new Map<string, Kept>()
  #looking: Promise<void> | undefined

  constructor(root: string) {
    this.#root = root
  }

  get rows(): readonly TenantRow[] {
    return [...this.#kept.values()].map(({ row }) => row)
  }

  /** Reads every tenant. Two concurrent callers share one read. */
  look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    const homes = await listHomes(this.#root)
    const next = new Map<string, Kept>()
    for (let from = 0; from < homes.length; from += abreast) {
      const some = homes.slice(from, from + abreast)
      const kept = await Promise.all(some.map((home) => this.#keep(home)))
      for (const [index, home] of some.entries()) {
        const one = kept[index]
        if (one !== undefined) next.set(keyOf(home), one)
      }
    }
    this.#kept = next
  }

  async #keep(home: TenantHome): Promise<Kept> {
    const known = this.#kept.get(keyOf(home))
    const signature = await signatureOf(home, known?.file)
    if (known?.signature === signature) return known
    const { file, row } = await this.#read(home)
    // an equal row is no change, so no page is notified
    const isSame = known !== undefined && JSON.stringify(known.row) === JSON.stringify(row)
    return { signature, file, row: isSame ? known.row : row }
  }

  async #read(home: TenantHome): Promise<Omit<Kept, 'signature'>> {
    try {
      const reading = await readTenant(home)
      return { file: reading.file, row: rowOf(home, reading) }
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
