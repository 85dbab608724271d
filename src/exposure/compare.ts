/** Rows in, findings out: every row that touches a tenant is as it should be, or is told. Pure. */
import type { Finding } from '../finding.ts'
import { judgeGroup } from './groups.ts'
import { judgePort } from './ports.ts'
import { judgeRouter } from './routers.ts'
import { indexRows } from './rows.ts'
import type { Judged, ReadRows, TenantOf } from './rows.ts'
import { scopeNotes } from './scopes.ts'
import { judgeNetwork, judgePolicy } from './sharing.ts'

export type ComparedRows = {
  readonly kind: string
  readonly read: number
  /** As they should be, or with a note (severity `info`) alone. */
  readonly matched: number
  /** Of the matched ones: rows that touch no tenant. */
  readonly outside: number
}

export type Compared = { readonly findings: readonly Finding[]; readonly counts: readonly ComparedRows[] }

export function compareExposure(read: ReadRows, tenantOf: TenantOf): Compared {
  const index = indexRows(read, tenantOf)
  const { networks, ports, routers, policies, groups } = read.rows
  const used = new Set(ports.flatMap(({ security_groups }) => security_groups ?? []))
  const judged: readonly (readonly [string, readonly Judged[]])[] = [
    ['networks', networks.map((row) => judgeNetwork(index, row))],
    ['ports', ports.map((row) => judgePort(index, row))],
    ['routers', routers.map((row) => judgeRouter(index, row))],
    ['RBAC policies', policies.map((row) => judgePolicy(index, row))],
    ['security groups', groups.map((row) => judgeGroup(index, used, row))],
  ]
  return {
    findings: [...judged.flatMap(([, all]) => all.flatMap((one) => one ?? [])), ...scopeNotes(index)],
    counts: judged.map(([kind, all]) => ({
      kind,
      read: all.length,
      matched: all.filter((one) => (one ?? []).every(({ severity }) => severity === 'info')).length,
      outside: all.filter((one) => one === undefined).length,
    })),
  }
}
