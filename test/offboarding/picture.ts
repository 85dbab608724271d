import type { State } from '../../src/simulator/state.ts'

/**
 * Every row of every table: what was before a tenant came is compared with what is after it went. Tokens and jobs apart, and
 * the operator's own `default` group, which Neutron makes when it is first asked for groups.
 */
export function pictureOf(state: State): readonly string[] {
  const operator = state.projects.find(({ name }) => name === 'admin')?.id ?? ''
  return Object.entries(state)
    .filter(([name]) => !['tokens', 'jobs'].includes(name))
    .flatMap(([name, table]) => [...table.entries()].map(([key, row]) => `${name} ${key} ${JSON.stringify(row)}`))
    .filter((line) => !(line.startsWith('securityGroups') && line.includes(`"project_id":"${operator}"`)))
    .sort()
}
