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
import { positionIn } from '../tenant/yaml-file.ts'
import { byName } from './folder.ts'
import type { TenantFile } from './folder.ts'

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

/** Throws `InputError` with every problem of every file, and between files. */
export async function loadFleet(
  files: readonly TenantFile[],
  root: string,
  readText: ReadText,
): Promise<readonly Member[]> {
  const problems: Problem[] = []
  const collect = <T>(parse: () => T): T | undefined => {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
  const facts = new Map<string, CloudFacts | undefined>()
  const members: Member[] = []
  for (const file of files) {
    const spec = collect(() => parseSpec(file.file, file.text))
    if (spec === undefined) continue
    if (!facts.has(spec.cloud)) {
      const { cloudFile } = homeOf(root, spec.cloud, spec.tenant)
      const cloudText = await readText(cloudFile)
      facts.set(spec.cloud, cloudText === undefined ? {} : collect(() => parseCloudFacts(cloudFile, cloudText)))
    }
    members.push({ ...file, spec, facts: facts.get(spec.cloud) ?? {} })
  }
  problems.push(...twins(members), ...overlapping(members))
  if (problems.length > 0) throw new InputError(problems.sort(byPlace))
  return members
}

function byPlace(a: Problem, b: Problem): number {
  return byName(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function twins(members: readonly Member[]): readonly Problem[] {
  const first = new Map<string, Member>()
  return members.flatMap((member) => {
    const key = `${member.spec.cloud}/${member.spec.tenant}`
    const twin = first.get(key)
    if (twin === undefined) {
      first.set(key, member)
      return []
    }
    const { file, text, spec } = member
    return [
      {
        file,
        ...positionIn(text, ['tenant']),
        message: `tenant \`${spec.tenant}\` of cloud \`${spec.cloud}\` is also in \`${twin.file}\``,
      },
    ]
  })
}

/** Prefixes in the files. `parseSpec` compares those within one file. */
function overlapping(members: readonly Member[]): readonly Problem[] {
  const takenOn = new Map<string, PrefixSet<Member>>()
  const problems: Problem[] = []
  for (const member of members) {
    const taken = takenOn.get(member.spec.cloud) ?? new PrefixSet<Member>()
    takenOn.set(member.spec.cloud, taken)
    for (const [index, { network }] of member.spec.projects.entries()) {
      if (network?.cidr === undefined) continue
      const clash = taken.overlapping(network.cidr)
      if (clash === undefined) {
        taken.add(network.cidr, member)
      } else if (clash.value !== member) {
        problems.push({
          file: member.file,
          ...positionIn(member.text, ['projects', index, 'network', 'cidr']),
          message: `${network.cidr} overlaps ${clash.cidr} of tenant \`${clash.value.spec.tenant}\` in \`${clash.value.file}\``,
        })
      }
    }
  }
  return problems
}
