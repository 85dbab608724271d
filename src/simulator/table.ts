/**
 * Rows by key, with list operations for handlers and tests. `version` counts the changes, so that values derived from a
 * table (the roles of a token) can be refreshed.
 */
export class Table<Row> extends Map<string, Row> {
  version = 0

  override set(key: string, row: Row): this {
    this.version += 1
    return super.set(key, row)
  }

  override delete(key: string): boolean {
    this.version += 1
    return super.delete(key)
  }

  find(matches: (row: Row) => boolean): Row | undefined {
    for (const row of this.values()) if (matches(row)) return row
    return undefined
  }

  filter(matches: (row: Row) => boolean): Row[] {
    const rows: Row[] = []
    for (const row of this.values()) if (matches(row)) rows.push(row)
    return rows
  }

  map<Out>(change: (row: Row) => Out): Out[] {
    return Array.from(this.values(), change)
  }

  some(matches: (row: Row) => boolean): boolean {
    return this.find(matches) !== undefined
  }

  deleteWhere(matches: (row: Row) => boolean): void {
    for (const [key, row] of this) if (matches(row)) this.delete(key)
  }
}
