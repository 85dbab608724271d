/** The rules of a seed's cloud: the base, the result of `policy build` for it, the seed's own, and its faults'. */
import { buildOverride } from '../../../policy/build/override.ts'
import { homesOf } from '../../profile.ts'
import { keystoneRules, loadKeystone } from '../../../policy/releases/keystone.ts'
import { namedFault } from '../../faults.ts'
import { policyOf } from './rules.ts'
import type { Base } from '../../../policy/releases/keystone.ts'
import type { Policy } from './rules.ts'
import type { Seed } from '../../seed.ts'
import type { World } from '../../world.ts'

export async function loadPolicy(world: World, seed: Seed): Promise<Policy> {
  const known = await loadKeystone(world.profile.release)
  const ofFaults = (seed.faults ?? []).flatMap((fault) =>
    typeof fault === 'string' ? [namedFault(fault).override] : [],
  )
  const base = baseOf(world, seed)
  const built =
    seed.isPersonaBuilt === true
      ? [buildOverride(known, { base, magnumDomain: world.magnum.domainAdmin.domain }).text]
      : []
  const texts = [...built, ...(seed.overrides ?? []), ...ofFaults.filter((text) => text !== undefined)]
  const overrides = texts.map((text, index) => ({ file: `policy.d/${index + 1}.yaml`, text }))
  return policyOf(keystoneRules(known, { base, overrides }))
}

function baseOf(world: World, seed: Seed): Base {
  if (typeof seed.base === 'object') return { kind: 'file', ...seed.base }
  if (world.profile.adminProject === undefined) return { kind: 'default' }
  const homes = homesOf(world.profile)
  const domainId = (name: string): string => world.state.domains.find((row) => row.name === name)?.id ?? ''
  const serviceDomain = domainId(homes.serviceDomain)
  const services = world.state.projects.find(
    (row) => row.name === homes.serviceProject && row.domain_id === serviceDomain,
  )
  return {
    kind: 'charm',
    settings: { adminDomainId: domainId(homes.adminDomain), serviceProjectId: services?.id ?? '' },
  }
}
