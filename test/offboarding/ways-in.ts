/** A person of a tenant with each way in that Keystone has for an account, and a stranger whom the person lets in by a trust. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Auth, Scope } from '../../src/openstack/auth.ts'
import { createApplicationCredential } from '../../src/openstack/keystone/application-credentials.ts'
import { createGrant } from '../../src/openstack/keystone/grants.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { createTrust } from '../../src/openstack/keystone/trusts.ts'
import { createUser } from '../../src/openstack/keystone/users.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { signsIn } from '../../src/tenant/sessions.ts'

type OpenAs = (auth: Auth) => Session

export const password = new Secret('Aa1!people-of-a-test')

const asUser = (id: string, scope: Scope): Auth => ({ kind: 'password', user: { id }, password, scope })

export const byTrust = (trustee: string, trustId: string): Auth => asUser(trustee, { kind: 'trust', trustId })

/** Each with whether it lets in now. */
export type WaysIn = () => Promise<Readonly<Record<string, boolean>>>

export async function personWithWaysIn(
  operator: Session,
  open: OpenAs,
  at: { readonly domain: string; readonly project: string; readonly stranger: string },
): Promise<{ readonly id: string; readonly tryAll: WaysIn }> {
  const { id } = await createUser(operator, { name: 'ann', domain_id: at.domain, password })
  const role = await findRole(operator, 'member')
  const on = { kind: 'project', id: at.project } as const
  await createGrant(operator, { roleId: role?.id ?? '', to: { kind: 'user', id }, on })
  const own = asUser(id, { kind: 'project', project: { id: at.project } })
  const session = open(own)
  const credential = await createApplicationCredential(session, id, { name: 'mine' })
  const trustId = await giveTrust(session, id, at)
  const tryAll: WaysIn = async () => ({
    password: await signsIn(open(own)),
    'application credential': await signsIn(
      open({ kind: 'application-credential', credential: { id: credential.id }, secret: credential.secret }),
    ),
    trust: await signsIn(open(byTrust(at.stranger, trustId))),
  })
  return { id, tryAll }
}

/** With the password in the operator's data directory. */
export async function creatorSession(open: OpenAs, folder: string, id: string, project: string): Promise<Session> {
  const path = join(folder, 'tenant-onboard', 'lab', 'acme', 'secrets', 'cluster.password')
  const stored = new Secret((await readFile(path, 'utf8')).trim())
  return open({
    kind: 'password',
    user: { id },
    password: stored,
    scope: { kind: 'project', project: { id: project } },
  })
}

/** From the account of the session to the stranger, on the project. */
export async function giveTrust(
  session: Session,
  trustor: string,
  { project, stranger }: { readonly project: string; readonly stranger: string },
): Promise<string> {
  const { id } = await createTrust(session, {
    trustor_user_id: trustor,
    trustee_user_id: stranger,
    project_id: project,
    impersonation: false,
    roles: [{ name: 'member' }],
  })
  return id
}
