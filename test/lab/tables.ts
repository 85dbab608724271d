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

/** What services keep of what is gone, by table: no API deletes it, and none shows it. */
const residue = [
  // whatever project stored something in Barbican has a row and a key there: the operator's, Magnum's, the tenant's
  'barbican.projects',
  'barbican.kek_data',
  // roles of trusts that are marked as deleted
  'keystone.trust_role',
  // of tokens that were revoked, until they would have expired
  'keystone.revocation_event',
  // the housekeeping of Octavia takes what has been DELETED for a week; a row of counters, all zero, stays for each project
  'octavia.amphora',
  'octavia.load_balancer',
  'octavia.vip',
  'octavia.quotas',
  // `heat-manage purge_deleted`
  'heat.raw_template',
  'heat.raw_template_files',
  'heat.resource_properties_data',
  'heat.event',
  // counters of a project, all zero
  'neutron.quotausages',
  // of servers that are gone: `nova-manage db archive_deleted_rows`
  'nova_api.instance_mappings',
  'nova_api.request_specs',
]

/** Tables with a row that was not there, or without one that was. */
export function changedTables(then: Tables, now: Tables): readonly string[] {
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((name) => {
    if (residue.includes(name)) return []
    const [had, has] = [then.get(name) ?? new Set<string>(), now.get(name) ?? new Set<string>()]
    const more = [...has].filter((row) => !had.has(row))
    const fewer = [...had].filter((row) => !has.has(row))
    return [...more.map((row) => `${name} has more: ${row}`), ...fewer.map((row) => `${name} lacks: ${row}`)]
  })
}
