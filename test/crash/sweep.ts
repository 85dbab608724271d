import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/program.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { State } from '../../src/simulator/state.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { exampleTenant, filesBelow, operatorOf } from '../onboarding/test-bed.ts'

/** One tenant on one cloud: what a fault strikes, and what is compared with an undisturbed run. */
export type CrashTestBed = {
  readonly cloud: Cloud
  readonly folder: string
  readonly file: string
  /** Runs a command. Time is what `hours` says, so that what an earlier run left counts as old. */
  readonly type: (
    argv: readonly string[],
    options?: { readonly fetch?: Fetch; readonly hours?: number },
  ) => Promise<Outcome>
  readonly remove: () => Promise<void>
}

export type Outcome = { readonly code: number; readonly text: string }

/** With `state`, on a cloud that has something already. */
export async function openCrashTestBed(state?: State): Promise<CrashTestBed> {
  let hours = 0
  let sleptMs = 0
  const cloud = createCloud(undefined, {
    pace: { clusterAccepted: 0, clusterCreated: 0, clusterDeleted: 0, clusterResized: 0 },
    now: () => Date.now() + sleptMs + hours * 3_600_000,
    ...(state === undefined ? {} : { state }),
  })
  const folder = await mkdtemp(join(tmpdir(), 'crash-'))
  const file = join(folder, 'tenant.yaml')
  await writeFile(file, await exampleTenant('acme'))
  return {
    cloud,
    folder,
    file,
    async type(argv, options = {}) {
      hours = options.hours ?? hours
      const now = hours
      let text = ''
      const code = await run(argv, {
        env: operatorOf(cloud),
        cwd: folder,
        home: folder,
        out: (more) => (text += more),
        err: (more) => (text += more),
        isTerminal: false,
        hasColor: false,
        columns: 160,
        pid: process.pid,
        confirm: () => Promise.resolve(false),
        fetch: options.fetch ?? cloud.fetch,
        stop: new AbortController().signal,
        now: () => new Date(Date.now() + sleptMs + now * 3_600_000),
        // nobody waits here, but the time passes; a turn of the event loop lets the other side work
        sleep: (ms) => {
          sleptMs += ms
          return new Promise((resolve) => setImmediate(resolve))
        },
        // short where something is made to go wrong; a busy machine is no failure
        deadlineMs: options.fetch === undefined ? 30_000 : 500,
      })
      return { code, text }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** What exists, by name: equal for equal clouds, whatever the ids. */
export function standing({ state }: Cloud): readonly string[] {
  const domain = (id: string | null): string => (id === null ? '-' : (state.domains.get(id)?.name ?? 'gone'))
  const project = (id: string | null): string => (id === null ? '-' : (state.projects.get(id)?.name ?? 'gone'))
  const user = (id: string): string => state.users.get(id)?.name ?? 'gone'
  const role = (id: string): string => state.roles.get(id)?.name ?? 'gone'
  // a trustee carries the ids of its cluster and project
  const trustee = (name: string): string => name.replace(/^[0-9a-f-]{36}_[0-9a-f]{32}$/, 'trustee')
  return [
    ...state.domains.map((one) => `domain ${one.name} ${one.enabled} ${one.description}`),
    ...state.projects.map((one) => `project ${one.name} in ${domain(one.domain_id)}`),
    ...state.users.map((one) => `user ${trustee(one.name)} in ${domain(one.domain_id)} ${one.enabled}`),
    ...state.groups.map((one) => `group ${one.name} in ${domain(one.domain_id)}`),
    ...state.roles.map((one) => `role ${one.name} in ${domain(one.domain_id)}`),
    ...state.grants.map((one) => {
      const on = one.on === 'projects' ? project(one.targetId) : one.on === 'domains' ? domain(one.targetId) : 'system'
      return `grant ${role(one.roleId)} to ${trustee(user(one.actorId))} on ${on} ${one.isInherited}`
    }),
    ...state.trusts.map(
      (one) =>
        `trust from ${user(one.trustor_user_id)} to ${trustee(user(one.trustee_user_id))} on ${project(one.project_id)}`,
    ),
    ...state.applicationCredentials.map(
      (one) => `application credential ${one.name} of ${user(one.user_id)} on ${project(one.project_id)}`,
    ),
    ...state.keypairs.map((one) => `keypair ${one.name} of ${user(one.user_id)}`),
    ...state.networks.map((one) => `network ${one.name} in ${project(one.project_id)}`),
    ...state.subnets.map((one) => `subnet ${one.name} ${one.cidr} in ${project(one.project_id)}`),
    ...state.routers.map((one) => `router ${one.name} in ${project(one.project_id)}`),
    ...state.ports.map((one) => `port ${one.device_owner} in ${project(one.project_id)}`),
    ...state.clusterTemplates.map((one) => `template ${one.name} in ${project(one.project_id)}`),
    ...state.clusters.map((one) => `cluster ${one.name} ${one.status} in ${project(one.project_id)}`),
    ...state.secrets.map((one) => `secret in ${project(one.project_id)}`),
  ].sort()
}

/** What exists after an `apply` that nothing disturbed, on a cloud of its own. Throws if it does not end well. */
export async function undisturbedApply(): Promise<readonly string[]> {
  const bed = await openCrashTestBed()
  try {
    const { code, text } = await bed.type(['apply', bed.file, '--yes'])
    if (code !== 0) throw new Error(`an undisturbed apply ended with ${code}: ${text}`)
    return standing(bed.cloud)
  } finally {
    await bed.remove()
  }
}

/** What is wrong after a fault and the same command again, against an undisturbed run; empty when nothing is. */
export async function broken(
  bed: CrashTestBed,
  second: Outcome,
  undisturbed: readonly string[],
): Promise<readonly string[]> {
  const wrong: string[] = []
  if (second.code !== 0) wrong.push(`the same command again ended with ${second.code}: ${second.text.slice(-600)}`)
  const now = standing(bed.cloud)
  const count = (list: readonly string[], one: string): number => list.filter((other) => other === one).length
  for (const one of new Set([...now, ...undisturbed])) {
    const [have, want] = [count(now, one), count(undisturbed, one)]
    if (have > want) wrong.push(`${have - want} too many: ${one}`)
    if (have < want) wrong.push(`missing: ${one}`)
  }
  const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  await readEvidence(join(home, 'evidence.jsonl')).catch((error: unknown) => wrong.push(`evidence: ${String(error)}`))
  const files = [...(await filesBelow(home)).keys()].map((path) => path.slice(home.length + 1))
  const strange = files.filter(
    (path) => !/^((evidence|progress)\.jsonl|keystone\.json|(secrets|handover(\/secrets)?)\/[^.][^/]*)$/.test(path),
  )
  if (strange.length > 0) wrong.push(`left on disk: ${strange.join(', ')}`)
  // every secret still signs in: gates do that, and a plan that can look everywhere has nothing to do
  const plan = await bed.type(['plan', bed.file, '--exit-code'])
  if (plan.code !== 0) wrong.push(`plan afterwards ended with ${plan.code}: ${plan.text.slice(-600)}`)
  return wrong
}
