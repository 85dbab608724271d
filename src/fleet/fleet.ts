import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { parseCloudFacts } from '../tenant/cloud-facts.ts'
import type { CloudFacts } from '../tenant/cloud-facts.ts'
import { homeOf } from '../tenant/home.ts'
import type { Home } from '../tenant/home.ts'
import { PrefixSet } from '../tenant/prefix-set.ts'
import { parseSpec } from '../tenant/spec.ts'
import type { Spec } from '../tenant/spec.ts'
import { tenantOf } from '../tenant/tenant.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { positionIn } from '../yaml-file.ts'
import { byName } from './folder.ts'
import type { BadFile, TenantFile } from './folder.ts'

/**
 * One tenant of a fleet. Everything else is derived from its file when its turn comes, because a fleet may have
 * thousands.
 */
export type Member = TenantFile & {
  readonly spec: Spec
  readonly facts: CloudFacts
}

export type ReadText = (path: string) => Promise<string | undefined>

export function tenantOfMember({ spec, facts }: Member): Tenant {
  return tenantOf(spec, facts)
}

export function homeOfMember(root: string, { spec }: Member): Home {
  return homeOf(root, spec.cloud, spec.tenant)
}

/** In the order of the clouds' names, so that the same fleet has the same order everywhere. */
export function byCloud<T extends { readonly spec: Spec }>(members: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const names = [...new Set(members.map(({ spec }) => spec.cloud))].sort(byName)
  return new Map(names.map((name) => [name, members.filter(({ spec }) => spec.cloud === name)]))
}

export type Loaded = { readonly members: readonly Member[]; readonly bad: readonly BadFile[] }

/**
 * The tenants of the good files, and every problem of the others. Of two files that contradict each other both are bad:
 * nobody knows which one is meant.
 */
export async function loadFleet(files: readonly TenantFile[], root: string, readText: ReadText): Promise<Loaded> {
  const problems: Blamed[] = []
  const facts = new Map<string, Promise<CloudFacts>>()
  const members: Member[] = []
  const factsAt = async (cloudFile: string): Promise<CloudFacts> => {
    const text = await readText(cloudFile)
    return text === undefined ? {} : parseCloudFacts(cloudFile, text)
  }
  for (const file of files) {
    try {
      const spec = parseSpec(file.file, file.text)
      const reading = facts.get(spec.cloud) ?? factsAt(homeOf(root, spec.cloud, spec.tenant).cloudFile)
      facts.set(spec.cloud, reading)
      members.push({ ...file, spec, facts: await reading })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(...error.problems.map((problem) => ({ problem, files: [file.file] })))
    }
  }
  problems.push(...twins(members), ...overlapping(members))
  problems.sort((a, b) => byPlace(a.problem, b.problem))
  const blamed = new Set(problems.flatMap((one) => one.files))
  const bad = [...blamed].sort(byName).map((file) => {
    const own = problems.filter((one) => one.files.includes(file))
    return { file, error: new InputError(own.map(({ problem }) => problem)) }
  })
  return { members: members.filter(({ file }) => !blamed.has(file)), bad }
}

/** A problem, and the files that cannot be worked on because of it. */
type Blamed = { readonly problem: Problem; readonly files: readonly string[] }

function byPlace(a: Problem, b: Problem): number {
  return byName(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function twins(members: readonly Member[]): readonly Blamed[] {
  const first = new Map<string, Member>()
  return members.flatMap((member) => {
    const key = `${member.spec.cloud}/${member.spec.tenant}`
    const twin = first.get(key)
    if (twin === undefined) {
      first.set(key, member)
      return []
    }
    const { file, text, spec } = member
    const message = `tenant \`${spec.tenant}\` of cloud \`${spec.cloud}\` is also in \`${twin.file}\``
    return [{ problem: { file, ...positionIn(text, ['tenant']), message }, files: [file, twin.file] }]
  })
}

/** Prefixes in the files. `parseSpec` compares those within one file. */
function overlapping(members: readonly Member[]): readonly Blamed[] {
  const takenOn = new Map<string, PrefixSet<Member>>()
  const problems: Blamed[] = []
  for (const member of members) {
    const taken = takenOn.get(member.spec.cloud) ?? new PrefixSet<Member>()
    takenOn.set(member.spec.cloud, taken)
    for (const [index, { network }] of member.spec.projects.entries()) {
      if (network?.cidr === undefined) continue
      const clash = taken.overlapping(network.cidr)
      if (clash === undefined) {
        taken.add(network.cidr, member)
      } else if (clash.value !== member) {
        const place = positionIn(member.text, ['projects', index, 'network', 'cidr'])
        const message = `${network.cidr} overlaps ${clash.cidr} of tenant \`${clash.value.spec.tenant}\` in \`${clash.value.file}\``
        problems.push({
          problem: { file: member.file, ...place, message },
          files: [member.file, clash.value.file],
        })
      }
    }
  }
  return problems
}
