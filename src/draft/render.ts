/** A tenant file as text: what `init` and `export` write. Keys are in the order of the schema, with a comment where a reader needs one. */
import { stringify } from 'yaml'
import { quotaServices, quotaTable } from '../openstack/quotas.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import { oneLine } from '../visible.ts'

export type ProjectDraft = {
  readonly name: string
  readonly description?: string | undefined
  readonly quotas: Readonly<Partial<Record<QuotaService, Limits>>>
  readonly network?: { readonly cidr: string; readonly dns: readonly string[] } | undefined
  readonly template?: Readonly<Record<string, unknown>> | undefined
  readonly cluster?: Readonly<Record<string, unknown>> | undefined
}

export type TenantDraft = {
  readonly tenant: string
  readonly cloud: string
  readonly description?: string | undefined
  /** What is chosen on the cloud, with the reason or the other choices. */
  readonly overrides: readonly { readonly key: string; readonly value: string; readonly comment: string }[]
  readonly projects: readonly ProjectDraft[]
}

/** `head`: comment lines at the top. `isCommented`: explains the keys. */
export function renderTenantFile(
  { tenant, cloud, description, overrides, projects }: TenantDraft,
  { head, isCommented }: { readonly head: readonly string[]; readonly isCommented: boolean },
): string {
  const note = (text: string): string => (isCommented ? `${text === '' ? '' : `# ${text}`}\n` : '')
  const lines = [
    head.map((line) => `# ${oneLine(line)}\n`).join(''),
    'version: 1\n',
    note('the name of the domain, and the beginning of every other name'),
    value({ tenant }),
    note('the entry of clouds.yaml'),
    value({ cloud }),
    description === undefined ? '' : value({ description }),
    overrides.length === 0 ? '' : 'overrides:\n',
    ...overrides.flatMap(({ key, value: chosen, comment }) => [
      comment === '' ? '' : `  # ${oneLine(comment)}\n`,
      indented(value({ [key]: chosen }), 2),
    ]),
    'projects:\n',
    ...projects.map((project) => indented(`- ${indented(renderProject(project, note), 2).trimStart()}`, 2)),
  ]
  return lines.join('')
}

function renderProject(
  { name, description, quotas, network, template, cluster }: ProjectDraft,
  note: (text: string) => string,
): string {
  const limited = quotaServices.filter((service) => Object.keys(quotas[service] ?? {}).length > 0)
  return [
    value({ name }),
    description === undefined ? '' : value({ description }),
    limited.length === 0 ? '' : `${note('limits; a key that is left out stays as the cloud has it')}quotas:\n`,
    ...limited.map((service) => indented(value({ [service]: amounts(service, quotas[service] ?? {}) }), 2)),
    network === undefined ? '' : note('a network with a router; the prefix overlaps no other subnet of the cloud'),
    network === undefined ? '' : value({ network: network.dns.length === 0 ? { cidr: network.cidr } : network }),
    template === undefined ? '' : note('how clusters of this project are made'),
    template === undefined ? '' : value({ template }),
    cluster === undefined ? '' : note('one cluster; remove this key if the tenant makes its own'),
    cluster === undefined ? '' : value({ cluster }),
  ].join('')
}

/** As a person writes them: with units, and `unlimited`. */
function amounts(service: QuotaService, limits: Limits): Readonly<Record<string, string | number>> {
  const { keys } = quotaTable[service]
  return Object.fromEntries(
    Object.entries(limits).map(([key, limit]): readonly [string, string | number] => {
      if (limit === -1) return [key, 'unlimited']
      const unit = keys[key]?.unit ?? 'count'
      if (unit === 'count') return [key, limit]
      return [key, unit === 'MiB' && limit % 1024 === 0 ? `${limit / 1024} GiB` : `${limit} ${unit}`]
    }),
  )
}

function value(map: Readonly<Record<string, unknown>>): string {
  return stringify(map, { lineWidth: 0 })
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
}
