/** Every row of every database of the lab, as text: what no API lists is there as well. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Lab } from './cloud.ts'

/** Rows by table, `neutron.ports`. */
export type Tables = ReadonlyMap<string, ReadonlySet<string>>

const run = promisify(execFile)

/**
 * Rows that are marked as deleted are left out: services that keep those never show them again. Columns in which time or a
 * heartbeat ticks are left out as well, and the copies that `lab/reset` goes back to.
 */
export async function readTables({ databaseSocket }: Lab): Promise<Tables> {
  const { stdout } = await run('/usr/bin/python3', ['-c', script, databaseSocket], { maxBuffer: 2 ** 28 })
  return new Map(
    Object.entries(JSON.parse(stdout) as Record<string, readonly string[]>).map(([name, rows]) => [
      name,
      new Set(rows),
    ]),
  )
}

const script = `
import json, sys, pymysql
ticking = {'updated_at', 'last_seen_up', 'report_count', 'last_update', 'heartbeat_timestamp', 'revision_number', 'in_use'}
connection = pymysql.connect(unix_socket=sys.argv[1], user='root')
cursor = connection.cursor()
cursor.execute("select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' and table_schema"
               " not in ('information_schema', 'mysql', 'performance_schema', 'sys')"
               " and table_schema not like 'golden\\\\_%'")
tables = {}
for database, table in cursor.fetchall():
    cursor.execute('select * from \`%s\`.\`%s\`' % (database, table))
    names = [column[0] for column in cursor.description]
    rows = []
    for values in cursor.fetchall():
        row = dict(zip(names, values))
        if row.get('deleted') not in (None, 0, False, '0', 'False') or row.get('deleted_at') is not None:
            continue
        rows.append(json.dumps({k: str(v) for k, v in row.items() if k not in ticking}, sort_keys=True))
    tables['%s.%s' % (database, table)] = rows
print(json.dumps(tables))
`
