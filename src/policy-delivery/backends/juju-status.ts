/** The needed part of `juju status --format json` of a model. juju, cmd/juju/status/formatted.go. */
import { z } from 'zod'
import { StopError } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import type { CharmUnit } from './backend.ts'

const state = z.object({
  current: z.string().default(''),
  message: z.string().default(''),
  since: z.string().default(''),
})
const unit = z.object({
  'workload-status': state.optional(),
  'juju-status': state.optional(),
  get subordinates() {
    return z.record(z.string(), unit).nullish()
  },
})
const status = z.object({
  applications: z
    .record(
      z.string(),
      z.object({ 'application-status': state.optional(), units: z.record(z.string(), unit).nullish() }),
    )
    .nullish(),
})

export type JujuStatus = {
  readonly applications: readonly string[]
  readonly units: readonly CharmUnit[]
  /** When the agent of each unit last changed its activity. */
  readonly since: ReadonlyMap<string, string>
}

export function parseStatus(text: string): JujuStatus {
  const parsed = status.safeParse(jsonIn(text))
  if (!parsed.success) throw new StopError('cannot parse the output of `juju status`', { cause: parsed.error })
  const applications = parsed.data.applications ?? {}
  const units: CharmUnit[] = []
  const since = new Map<string, string>()
  const visit = (name: string, one: z.output<typeof unit>): void => {
    const [workload, agent] = [one['workload-status'], one['juju-status']]
    units.push({
      name,
      workload: workload?.current ?? '',
      agent: agent?.current ?? '',
      message: workload?.message ?? '',
    })
    since.set(name, agent?.since ?? '')
    for (const [inner, sub] of Object.entries(one.subordinates ?? {})) visit(inner, sub)
  }
  for (const application of Object.values(applications)) {
    for (const [name, one] of Object.entries(application.units ?? {})) visit(name, one)
  }
  return { applications: Object.keys(applications), units, since }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The charm's status of its override. charm-helpers 99980625, policyd.py, policyd_status_message_prefix. */
export function prefixOf({ message }: CharmUnit): 'PO' | 'PO (broken)' | undefined {
  if (message.startsWith('PO (broken):')) return 'PO (broken)'
  return message.startsWith('PO:') ? 'PO' : undefined
}

export function isOf(application: string, { name }: CharmUnit): boolean {
  return name.split('/')[0] === application
}

/** Other charms must not be disturbed: statuses that are new since the snapshot. */
export function disturbances(application: string, before: JujuStatus, after: JujuStatus): readonly Finding[] {
  const others = (one: CharmUnit): boolean => !isOf(application, one)
  const was = new Map(before.units.filter(others).map((one) => [one.name, one]))
  const is = new Map(after.units.filter(others).map((one) => [one.name, one]))
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [then, now] = [describe(was.get(name)), describe(is.get(name))]
    if (then === now) return []
    return [
      {
        code: 'delivery/disturbed',
        severity: 'warning',
        where: name,
        message: `\`${name}\` was ${then} before and is ${now} now`,
        remedy: `see \`juju show-status-log ${name}\`; it may not be related to the override`,
        owner: 'operator',
      } as const,
    ]
  })
}

function describe(one: CharmUnit | undefined): string {
  if (one === undefined) return 'absent'
  return `${one.workload}/${one.agent}${one.message === '' ? '' : ` (${one.message})`}`
}
