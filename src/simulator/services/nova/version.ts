/** The microversion of a request. nova 26.2.2, nova/api/openstack/wsgi.py. */
import { askedVersion, parseVersion } from '../../microversion.ts'
import { novaMaximum } from '../../profile.ts'
import { Refusal } from '../../refusal.ts'
import type { Asked } from '../../microversion.ts'
import type { Call } from '../../service.ts'

function asked(call: Call): Asked {
  const found = askedVersion(call, 'compute')
  const legacy = call.header('x-openstack-nova-api-version')
  return found.kind === 'none' && legacy !== undefined ? parseVersion(legacy) : found
}

/** The minor version, 2.1 by default. Too high or malformed ones are refused in `requireVersion`. */
export function minorOf(call: Call): number {
  const version = asked(call)
  switch (version.kind) {
    case 'none':
    case 'malformed':
      return 1
    case 'latest':
      return novaMaximum(call.world.profile)
    case 'version':
      return version.minor
  }
}

export function requireVersion(call: Call): void {
  const version = asked(call)
  if (version.kind === 'malformed') {
    throw new Refusal(
      400,
      `API Version String ${version.text} is of invalid format. Must be of format MajorNum.MinorNum.`,
    )
  }
  if (version.kind !== 'version') return
  const maximum = novaMaximum(call.world.profile)
  if (version.major === 2 && version.minor >= 1 && version.minor <= maximum) return
  throw new Refusal(
    406,
    `Version ${version.major}.${version.minor} is not supported by the API. Minimum is 2.1 and maximum is 2.${maximum}.`,
  )
}
