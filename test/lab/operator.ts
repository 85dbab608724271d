/** The lab's operator as our client has it, and an override of ours for its main Keystone. */
import type { Fetch } from '../../src/openstack/http.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { Secret } from '../../src/secret.ts'
import { layOverride } from './cloud.ts'
import type { Lab } from './cloud.ts'

export function openOperator({ keystones: { main } }: Lab, fetch: Fetch): Session {
  const { admin } = main
  return openSession({
    actor: 'operator',
    // the catalog has a second region, behind TLS
    endpoint: { authUrl: main.url, region: 'RegionOne' },
    auth: {
      kind: 'password',
      user: { name: admin.username, domain: { name: admin.userDomain } },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    },
    fetch,
  })
}

/** The domain manager that `policy build` makes. */
export async function layManager({ keystones: { main } }: Lab): Promise<void> {
  const keystone = await loadKeystone(parseRelease('debian-22'))
  await layOverride(main, buildOverride(keystone, { base: { kind: 'default' } }).text)
}
