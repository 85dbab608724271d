/** What a name may hold to be more than a name, wherever it is shown. */
import { randomUUID } from 'node:crypto'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { Table } from '../../src/simulator/table.ts'

/** At the start of a line it would be a line of ours. */
export const forged = 'FORGED: acme is isolated'

/** A terminal's escapes in 7 and 8 bits, reordering, line breaks of all kinds, HTML, Markdown, XML, a formula. */
export const hostileName = [
  `=HYPERLINK("https://evil.test")`,
  '\u001b[31mred\u001b[2J\u001b]0;owned\u0007\u009b1A\u0085',
  '\u202etnanet\u202c\u200b\ufeff\u2066',
  `<script>alert(1)</script><img src=x onerror=alert(1)>"'&amp;]]>`,
  '|`x`[y](javascript:1)<!-- -->',
  `\n${forged}\r\n${forged}\u2028${forged}\ud800`,
].join('')

/** The same, as long as a description may be and without what no file of text can have. */
export const hostileDescription = hostileName.slice(0, 200).replaceAll(/[\u0000-\u001f\ud800]/g, '')

type Named = { readonly id: string; readonly name: string }

function isNamed(row: unknown): row is Named {
  return typeof row === 'object' && row !== null && 'id' in row && 'name' in row && typeof row.name === 'string'
}

/** Beside each object of the cloud another one, whose name and description are hostile; and everybody has roles. */
export function addHostileObjects(cloud: Cloud): number {
  const tables: readonly unknown[] = Object.values(cloud.state)
  let count = 0
  const people: string[] = []
  for (const table of tables) {
    if (!(table instanceof Table)) continue
    for (const [key, row] of [...table] as readonly (readonly [string, unknown])[]) {
      if (!isNamed(row) || key !== row.id) continue
      const id = key.includes('-') ? randomUUID() : randomUUID().replaceAll('-', '')
      const described = 'description' in row ? { description: hostileName } : {}
      table.set(id, { ...row, id, name: hostileName, ...described })
      if (Object.is(table, cloud.state.users)) people.push(id)
      count++
    }
  }
  const { roles, grants, projects, domains } = cloud.state
  const places = [
    ...projects.map(({ id }) => ['projects', id] as const),
    ...domains.map(({ id }) => ['domains', id] as const),
  ]
  for (const actorId of people)
    for (const [on, targetId] of places)
      for (const role of roles.filter(({ name }) => name === hostileName || name === 'member').slice(0, 2))
        grants.set(randomUUID(), { actor: 'users', actorId, on, targetId, roleId: role.id, isInherited: false })
  return count
}
