/** Sessions on a Keystone of the lab, and a tenant to probe. */
import type { Auth } from '../../src/openstack/auth.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { deleteDomain, findDomain, listDomains, updateDomain } from '../../src/openstack/keystone/domains.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import type { Override } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { Secret } from '../../src/secret.ts'
import type { Account } from './ask.ts'
import type { LabKeystone } from './cloud.ts'

export type Probing = {
  readonly operator: Session<'operator'>
  readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
  readonly manager: (account: Account) => Session<'manager'>
  readonly creator: (account: Account, project: string) => Session<'creator'>
  readonly close: () => Promise<void>
}

export function openProbing({ url, admin }: LabKeystone): Probing {
  const transport = createTransport()
  const open = <Who extends string>(actor: Who, auth: Auth): Session<Who> =>
    openSession({ actor, endpoint: { authUrl: url, region: 'RegionOne' }, auth, fetch: transport.fetch })
  const user = (account: Account) => ({ name: account.name, domain: { name: account.domain } })
  return {
    operator: open('operator', {
      kind: 'password',
      user: { name: admin.username, domain: { name: admin.userDomain } },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    }),
    open,
    manager: (account) =>
      open('manager', {
        kind: 'password',
        user: user(account),
        password: new Secret(account.password),
        scope: { kind: 'domain', domain: { name: account.domain } },
      }),
    creator: (account, project) =>
      open('creator', {
        kind: 'password',
        user: user(account),
        password: new Secret(account.password),
        scope: { kind: 'project', project: { name: project, domain: { name: account.domain } } },
      }),
    close: transport.close,
  }
}

export async function builtOverride(release: string, base: 'default' | 'charm'): Promise<Override> {
  return buildOverride(await loadKeystone(parseRelease(release)), { base: { kind: base } })
}

export async function removeTenant(operator: Session, name: string): Promise<void> {
  const domain = await findDomain(operator, name)
  if (domain === undefined) return
  await updateDomain(operator, domain.id, { enabled: false })
  await deleteDomain(operator, domain.id)
}

/** Domains that probes made: none may be left. */
export async function probeDomains(operator: Session): Promise<readonly string[]> {
  return (await listDomains(operator))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('tenant-onboard-probe-'))
}
