/** Keystone: what an operator, a project's member and delegated tokens meet. No override, so nothing is laid on the lab. */
import { field } from './side.ts'
import type { Actor, Story, Teller } from './side.ts'

type Tenant = {
  readonly domain: string
  readonly project: string
  readonly boss: string
  readonly dev: string
}

export function passwordAuth(user: unknown, scope?: unknown): unknown {
  const identity = { methods: ['password'], password: { user } }
  return scope === undefined ? { identity } : { identity, scope }
}

function credentialAuth(id: string, secret: string, scope?: unknown): unknown {
  const identity = { methods: ['application_credential'], application_credential: { id, secret } }
  return scope === undefined ? { identity } : { identity, scope }
}

/** A domain with a manager, a project and its member, made and later removed by the operator. */
export async function makeTenant(teller: Teller, isSilent = true): Promise<Tenant> {
  const { admin, run, role, later } = teller
  const options = { isSilent }
  const body = { domain: { name: `${run}-d` } }
  const domain = field((await admin('create domain', 'identity', 'POST', '/domains', body, options)).body, 'domain.id')
  later(async () => {
    const off = { domain: { enabled: false } }
    await admin('', 'identity', 'PATCH', `/domains/${domain}`, off, { isSilent: true })
    await admin('', 'identity', 'DELETE', `/domains/${domain}`, undefined, { isSilent: true })
  })
  const projectBody = { project: { name: `${run}-p`, domain_id: domain } }
  const made = await admin('create project', 'identity', 'POST', '/projects', projectBody, options)
  const project = field(made.body, 'project.id')
  const user = async (name: string): Promise<string> => {
    const wanted = { user: { name: `${run}-${name}`, domain_id: domain, password: 'pw-Aa1!', description: name } }
    return field((await admin(`create user ${name}`, 'identity', 'POST', '/users', wanted, options)).body, 'user.id')
  }
  const boss = await user('boss')
  const dev = await user('dev')
  const grants = [
    `/domains/${domain}/users/${boss}/roles/${role('manager')}`,
    `/projects/${project}/users/${dev}/roles/${role('member')}`,
    `/projects/${project}/users/${dev}/roles/${role('load-balancer_member')}`,
  ]
  for (const path of grants) await admin('grant', 'identity', 'PUT', path, undefined, options)
  return { domain, project, boss, dev }
}

export function asDev(teller: Teller, tenant: Tenant, label?: string): ReturnType<Teller['signIn']> {
  const user = { id: tenant.dev, password: 'pw-Aa1!' }
  return teller.signIn(passwordAuth(user, { project: { id: tenant.project } }), label)
}

export function asBoss(teller: Teller, tenant: Tenant, label?: string): ReturnType<Teller['signIn']> {
  const user = { id: tenant.boss, password: 'pw-Aa1!' }
  return teller.signIn(passwordAuth(user, { domain: { id: tenant.domain } }), label)
}

type Asked = readonly [who: Actor, label: string, method: string, path: string, body?: unknown]

async function askAll(asked: readonly Asked[]): Promise<void> {
  for (const [who, label, method, path, body] of asked) await who(label, 'identity', method, path, body)
}

export const operatorStory: Story = async (teller) => {
  const { admin, nobody, run, role, signIn } = teller
  const tenant = await makeTenant(teller, false)
  const { domain, project, boss, dev } = tenant
  await askAll([
    [nobody, 'version', 'GET', ''],
    [nobody, 'list projects without a token', 'GET', '/projects'],
    [admin, 'create the domain again', 'POST', '/domains', { domain: { name: `${run}-d` } }],
    [admin, 'create the project again', 'POST', '/projects', { project: { name: `${run}-p`, domain_id: domain } }],
    [admin, 'create the user again', 'POST', '/users', { user: { name: `${run}-dev`, domain_id: domain } }],
    [admin, 'create a project without a name', 'POST', '/projects', { project: {} }],
    [admin, 'find the domain by name', 'GET', `/domains?name=${run}-d`],
    [admin, 'find the project by name', 'GET', `/projects?domain_id=${domain}&name=${run}-p`],
    [admin, 'list the users of the domain', 'GET', `/users?domain_id=${domain}`],
    [admin, 'get a missing user', 'GET', '/users/nope'],
    [admin, 'get a missing project', 'GET', '/projects/nope'],
    [admin, 'get a missing domain', 'GET', '/domains/nope'],
    [admin, 'get a missing role', 'GET', '/roles/nope'],
    [admin, 'get the domain as a project', 'GET', `/projects/${domain}`],
    [admin, 'grant to a missing user', 'PUT', `/projects/${project}/users/nope/roles/${role('member')}`],
    [admin, 'grant a missing role', 'PUT', `/projects/${project}/users/${dev}/roles/nope`],
    [admin, 'check a grant', 'HEAD', `/projects/${project}/users/${dev}/roles/${role('member')}`],
    [admin, 'check a grant that is not there', 'GET', `/projects/${project}/users/${dev}/roles/${role('admin')}`],
    [admin, 'list grants', 'GET', `/projects/${project}/users/${dev}/roles`],
    [admin, 'revoke what is not there', 'DELETE', `/projects/${project}/users/${dev}/roles/${role('admin')}`],
    [
      admin,
      'grant inherited',
      'PUT',
      `/OS-INHERIT/domains/${domain}/users/${boss}/roles/${role('reader')}/inherited_to_projects`,
    ],
    [admin, 'list assignments', 'GET', `/role_assignments?user.id=${boss}`],
    [admin, 'list assignments by name', 'GET', `/role_assignments?user.id=${boss}&include_names`],
    [admin, 'list effective assignments', 'GET', `/role_assignments?effective&include_names&user.id=${boss}`],
    [admin, 'list assignments of a tree', 'GET', `/role_assignments?scope.project.id=${project}&include_subtree`],
    [admin, 'list assignments of no tree', 'GET', '/role_assignments?include_subtree'],
    [admin, 'list assignments of two scopes', 'GET', '/role_assignments?scope.project.id=x&scope.domain.id=y'],
    [admin, 'grant on the system', 'PUT', `/system/users/${boss}/roles/${role('reader')}`],
    [admin, 'list effective assignments beside it', 'GET', `/role_assignments?effective&user.id=${boss}`],
    [
      admin,
      'ask for effective ones of the system',
      'GET',
      `/role_assignments?effective&scope.system=all&user.id=${boss}`,
    ],
    [admin, 'list assignments on the system', 'GET', `/role_assignments?scope.system=all&user.id=${boss}`],
    [admin, 'list grants on the system', 'GET', `/system/users/${boss}/roles`],
    [admin, 'revoke on the system', 'DELETE', `/system/users/${boss}/roles/${role('reader')}`],
    [admin, 'update a user', 'PATCH', `/users/${boss}`, { user: { description: 'x' } }],
    [admin, 'update a project', 'PATCH', `/projects/${project}`, { project: { description: 'x' } }],
    [admin, 'move a project to another domain', 'PATCH', `/projects/${project}`, { project: { domain_id: 'default' } }],
    [admin, 'delete an enabled domain', 'DELETE', `/domains/${domain}`],
    [admin, 'list role inferences', 'GET', '/role_inferences'],
    [admin, 'delete an immutable role', 'DELETE', `/roles/${role('member')}`],
    [admin, 'list trusts', 'GET', '/OS-TRUST/trusts'],
    [admin, 'get a missing trust', 'GET', '/OS-TRUST/trusts/nope'],
    [admin, 'list services', 'GET', '/services'],
    [admin, 'list regions', 'GET', '/regions'],
    [admin, 'list projects of the caller', 'GET', '/auth/projects'],
    [admin, 'ask for the system scope', 'GET', '/auth/system'],
  ])
  await groupsAndRoles(teller, domain, dev)
  await signIn(passwordAuth({ id: dev, password: 'wrong' }), 'sign in with a wrong password')
  await signIn(passwordAuth({ id: dev, password: 'pw-Aa1!' }), 'sign in without a scope')
  await signIn(
    passwordAuth({ id: dev, password: 'pw-Aa1!' }, { domain: { id: domain } }),
    'sign in to where one has no role',
  )
  await asDev(teller, tenant, 'sign in to a project')
  await asBoss(teller, tenant, 'sign in to a domain')
}

async function groupsAndRoles({ admin, run, role }: Teller, domain: string, dev: string): Promise<void> {
  const body = { group: { name: `${run}-g`, domain_id: domain } }
  const group = field((await admin('create group', 'identity', 'POST', '/groups', body)).body, 'group.id')
  await askAll([
    [admin, 'add to the group', 'PUT', `/groups/${group}/users/${dev}`],
    [admin, 'check the group', 'HEAD', `/groups/${group}/users/${dev}`],
    [admin, 'list the group', 'GET', `/groups/${group}/users`],
    [admin, 'grant to the group', 'PUT', `/domains/${domain}/groups/${group}/roles/${role('member')}`],
    [admin, 'list assignments through the group', 'GET', `/role_assignments?effective&user.id=${dev}`],
    [admin, 'list groups of a user', 'GET', `/users/${dev}/groups`],
    [admin, 'delete the group', 'DELETE', `/groups/${group}`],
  ])
  const made = await admin('create role', 'identity', 'POST', '/roles', { role: { name: `${run}-r` } })
  const own = field(made.body, 'role.id')
  const wanted = { role: { name: `${run}-r`, domain_id: domain } }
  await askAll([
    [admin, 'create the role again', 'POST', '/roles', { role: { name: `${run}-r` } }],
    [admin, 'create a role of the domain', 'POST', '/roles', wanted],
    [admin, 'list the roles of the domain', 'GET', `/roles?domain_id=${domain}`],
    [admin, 'imply', 'PUT', `/roles/${own}/implies/${role('reader')}`],
    [admin, 'imply again', 'PUT', `/roles/${own}/implies/${role('reader')}`],
    [admin, 'list what is implied', 'GET', `/roles/${own}/implies`],
    [admin, 'get what is not implied', 'GET', `/roles/${own}/implies/${role('member')}`],
    [admin, 'imply no longer', 'DELETE', `/roles/${own}/implies/${role('reader')}`],
    [admin, 'delete the role', 'DELETE', `/roles/${own}`],
  ])
}

export const tenantStory: Story = async (teller) => {
  const tenant = await makeTenant(teller)
  const { domain, project, boss, dev } = tenant
  const manager = await asBoss(teller, tenant)
  const member = await asDev(teller, tenant)
  await askAll([
    [manager, 'manager: create project', 'POST', '/projects', { project: { name: 'x', domain_id: domain } }],
    [manager, 'manager: create user', 'POST', '/users', { user: { name: 'x', domain_id: domain } }],
    [manager, 'manager: get itself', 'GET', `/users/${boss}`],
    [manager, 'manager: get another', 'GET', `/users/${dev}`],
    [manager, 'manager: get nobody', 'GET', '/users/nope'],
    [manager, 'manager: get its domain', 'GET', `/domains/${domain}`],
    [manager, 'manager: get another domain', 'GET', '/domains/default'],
    [manager, 'manager: list projects', 'GET', '/projects'],
    [manager, 'manager: list users', 'GET', '/users'],
    [manager, 'manager: list roles', 'GET', '/roles'],
    [manager, 'manager: list domains it may enter', 'GET', '/auth/domains'],
    [manager, 'manager: grant member', 'PUT', `/projects/${project}/users/${dev}/roles/${teller.role('member')}`],
    [manager, 'manager: grant to nobody', 'PUT', `/projects/${project}/users/nope/roles/${teller.role('member')}`],
    [member, 'member: get its project', 'GET', `/projects/${project}`],
    [member, 'member: list projects', 'GET', '/projects'],
    [member, 'member: list its projects', 'GET', `/users/${dev}/projects`],
    [member, 'member: get itself', 'GET', `/users/${dev}`],
    [member, 'member: get its domain', 'GET', `/domains/${domain}`],
    [member, 'member: get the default domain as a project', 'GET', '/projects/default'],
    [member, 'member: create domain', 'POST', '/domains', { domain: { name: 'x' } }],
    [member, 'member: list trusts', 'GET', '/OS-TRUST/trusts'],
    [member, 'member: list credentials', 'GET', '/credentials'],
    [
      member,
      'member: change a password wrongly',
      'POST',
      `/users/${dev}/password`,
      { user: { password: 'a', original_password: 'b' } },
    ],
  ])
}

export const delegationStory: Story = async (teller) => {
  const { signIn, admin } = teller
  const tenant = await makeTenant(teller)
  const { project, boss, dev } = tenant
  const member = await asDev(teller, tenant)
  const credentials = `/users/${dev}/application_credentials`
  const create = async (who: Actor, label: string, body: unknown): Promise<{ id: string; secret: string }> => {
    const reply = await who(label, 'identity', 'POST', credentials, { application_credential: body })
    const id = field(reply.body, 'application_credential.id')
    return { id, secret: field(reply.body, 'application_credential.secret') }
  }
  const free = await create(member, 'create an unrestricted credential', { name: 'free', unrestricted: true })
  const tied = await create(member, 'create a restricted credential', {
    name: 'tied',
    secret: 'own-secret',
    roles: [{ name: 'member' }],
    expires_at: '2099-01-01T00:00:00Z',
  })
  await create(member, 'create one again', { name: 'free' })
  await create(member, 'create one with a role not held', { name: 'x', roles: [{ name: 'heat_stack_user' }] })
  await create(member, 'create one with no such role', { name: 'x', roles: [{ name: 'nope' }] })
  await create(admin, 'create one for somebody else', { name: 'x' })
  await askAll([
    [member, 'list credentials', 'GET', credentials],
    [member, 'get a credential', 'GET', `${credentials}/${free.id}`],
    [member, 'get a missing credential', 'GET', `${credentials}/nope`],
  ])
  await signIn(credentialAuth(free.id, 'wrong'), 'sign in with a wrong secret')
  await signIn(credentialAuth('nope', 'wrong'), 'sign in with no such credential')
  await signIn(credentialAuth(free.id, free.secret, { project: { id: project } }), 'sign in asking for a scope')
  const app = await signIn(credentialAuth(free.id, free.secret), 'sign in by credential')
  const bound = await signIn(credentialAuth(tied.id, 'own-secret'), 'sign in by a restricted credential')
  await signIn({ identity: { methods: ['token'], token: { id: app.token } } }, 'exchange a delegated token')
  await signIn(
    { identity: { methods: ['token'], token: { id: member.token } }, scope: { project: { id: project } } },
    'exchange a token',
  )
  await create(app, 'create one by an unrestricted one', { name: 'child' })
  await create(bound, 'create one by a restricted one', { name: 'child2' })

  const trust = (roles: readonly unknown[], more: object = {}): unknown => ({
    trust: { trustor_user_id: dev, trustee_user_id: boss, impersonation: true, project_id: project, roles, ...more },
  })
  const trusts = '/OS-TRUST/trusts'
  await askAll([
    [app, 'trust by a credential', 'POST', trusts, trust([{ name: 'member' }])],
    [app, 'list trusts by a credential', 'GET', `${trusts}?trustor_user_id=${dev}`],
    [member, 'trust without roles', 'POST', trusts, trust([])],
    [member, 'trust nobody', 'POST', trusts, trust([{ name: 'member' }], { trustee_user_id: 'nope' })],
    [member, 'trust with no such role', 'POST', trusts, trust([{ name: 'nope' }])],
    [member, 'trust with a role not held', 'POST', trusts, trust([{ id: teller.role('admin') }])],
    [member, 'trust for somebody else', 'POST', trusts, trust([{ name: 'member' }], { trustor_user_id: boss })],
  ])
  const made = await member('trust', 'identity', 'POST', trusts, trust([{ name: 'member' }]))
  const id = field(made.body, 'trust.id')
  // Under the charm nobody can, and there is no more to tell.
  if (id === '') return
  await askAll([
    [member, 'list own trusts', 'GET', `${trusts}?trustor_user_id=${dev}`],
    [member, 'get a trust', 'GET', `${trusts}/${id}`],
    [member, 'list the roles of a trust', 'GET', `${trusts}/${id}/roles`],
  ])
  const trustAuth = passwordAuth({ id: boss, password: 'pw-Aa1!' }, { 'OS-TRUST:trust': { id } })
  const trustee = await signIn(trustAuth, 'sign in by trust')
  await create(trustee, 'create a credential by trust', { name: 'x' })
  await askAll([
    [trustee, 'list credentials by trust', 'GET', '/credentials'],
    [trustee, 'get the project by trust', 'GET', `/projects/${project}`],
  ])
  await signIn(
    { identity: { methods: ['token'], token: { id: trustee.token } }, scope: { project: { id: project } } },
    'exchange a trust',
  )
  await lifetimes(teller, tenant, member, { free, trustAuth, trusts, id })
}

async function lifetimes(
  teller: Teller,
  tenant: Tenant,
  member: Actor,
  made: {
    readonly free: { id: string; secret: string }
    readonly trustAuth: unknown
    readonly trusts: string
    readonly id: string
  },
): Promise<void> {
  const { admin, signIn, role } = teller
  const { project, dev } = tenant
  // A worker of Keystone validates a token in the context that its last request left behind, with the verdict of then still in it, when
  // that request came with the same token (keystone/common/cache/_context_cache.py). So every worker is given something else to do.
  const settled = async (): Promise<void> => {
    const asked = Array.from({ length: 16 }, () =>
      admin('', 'identity', 'GET', `/projects/${project}`, undefined, { isSilent: true }),
    )
    await Promise.all(asked)
  }
  const patch = (what: string, body: unknown): Promise<unknown> =>
    admin('', 'identity', 'PATCH', what, body, { isSilent: true })
  const probe = async (when: string): Promise<void> => {
    await signIn(credentialAuth(made.free.id, made.free.secret), `${when}: credential`)
    await signIn(made.trustAuth, `${when}: trust`)
  }
  await patch(`/users/${dev}`, { user: { enabled: false } })
  await settled()
  await member('disabled user: token', 'identity', 'GET', `/projects/${project}`)
  await probe('disabled user')
  await patch(`/users/${dev}`, { user: { enabled: true } })
  await probe('enabled again')
  await patch(`/users/${dev}`, { user: { password: 'pw-Bb2!' } })
  await signIn(credentialAuth(made.free.id, made.free.secret), 'new password: credential')
  await signIn(made.trustAuth, 'new password: trust')
  await settled()
  await member('new password: token', 'identity', 'GET', `/projects/${project}`)
  await patch(`/projects/${project}`, { project: { enabled: false } })
  await probe('disabled project')
  await patch(`/projects/${project}`, { project: { enabled: true } })
  await admin('', 'identity', 'DELETE', `/projects/${project}/users/${dev}/roles/${role('member')}`, undefined, {
    isSilent: true,
  })
  await signIn(credentialAuth(made.free.id, made.free.secret), 'revoked role: credential')
  await signIn(made.trustAuth, 'revoked role: trust')
  await admin('', 'identity', 'DELETE', `/projects/${project}`, undefined, { isSilent: true })
  await signIn(credentialAuth(made.free.id, made.free.secret), 'deleted project: credential')
  await signIn(made.trustAuth, 'deleted project: trust')
}

/** The domain manager, under an override or a release that knows it. */
export const managerStory: Story = async (teller) => {
  const { run, role, admin } = teller
  const tenant = await makeTenant(teller)
  const { domain, project, boss, dev } = tenant
  const manager = await asBoss(teller, tenant)
  const made = await manager('create project', 'identity', 'POST', '/projects', {
    project: { name: `${run}-q`, domain_id: domain },
  })
  const own = field(made.body, 'project.id')
  const userBody = { user: { name: `${run}-u`, domain_id: domain, password: 'pw-Aa1!' } }
  const user = field((await manager('create user', 'identity', 'POST', '/users', userBody)).body, 'user.id')
  const groupBody = { group: { name: `${run}-g`, domain_id: domain } }
  const group = field((await manager('create group', 'identity', 'POST', '/groups', groupBody)).body, 'group.id')
  const foreign = field(
    (await admin('', 'identity', 'GET', '/users?name=admin', undefined, { isSilent: true })).body,
    'users.0.id',
  )
  const grant = (name: string, who = user): string => `/projects/${own}/users/${who}/roles/${role(name)}`
  await askAll([
    [manager, 'create a project elsewhere', 'POST', '/projects', { project: { name: 'x', domain_id: 'default' } }],
    [manager, 'create a project without a domain', 'POST', '/projects', { project: { name: `${run}-w` } }],
    [manager, 'create a user elsewhere', 'POST', '/users', { user: { name: 'x', domain_id: 'default' } }],
    [manager, 'create a domain', 'POST', '/domains', { domain: { name: 'x' } }],
    [manager, 'create a role', 'POST', '/roles', { role: { name: 'x' } }],
    [manager, 'grant member', 'PUT', grant('member')],
    [manager, 'grant load-balancer_member', 'PUT', grant('load-balancer_member')],
    [manager, 'grant admin', 'PUT', grant('admin')],
    [manager, 'grant admin by a target in the body', 'PUT', grant('admin'), { target: { role: { name: 'member' } } }],
    [manager, 'grant to a foreign user', 'PUT', grant('member', foreign)],
    [manager, 'grant to nobody', 'PUT', grant('member', 'nope')],
    [manager, 'grant on the domain', 'PUT', `/domains/${domain}/users/${user}/roles/${role('member')}`],
    [manager, 'grant on another domain', 'PUT', `/domains/default/users/${user}/roles/${role('member')}`],
    [
      manager,
      'grant admin inherited',
      'PUT',
      `/OS-INHERIT/domains/${domain}/users/${user}/roles/${role('admin')}/inherited_to_projects`,
    ],
    [manager, 'grant on the system', 'PUT', `/system/users/${user}/roles/${role('member')}`],
    [manager, 'grant to the group', 'PUT', `/projects/${own}/groups/${group}/roles/${role('member')}`],
    [manager, 'list grants', 'GET', `/projects/${own}/users/${user}/roles`],
    [manager, 'list assignments of the project', 'GET', `/role_assignments?scope.project.id=${own}`],
    [manager, 'list assignments of a foreign user', 'GET', `/role_assignments?user.id=${foreign}`],
    [manager, 'list users', 'GET', '/users'],
    [manager, 'list users of another domain', 'GET', '/users?domain_id=default'],
    [manager, 'list projects', 'GET', '/projects'],
    [manager, 'list groups', 'GET', '/groups'],
    [manager, 'find its domain', 'GET', `/domains?name=${run}-d`],
    [manager, 'get a foreign user', 'GET', `/users/${foreign}`],
    [manager, 'get another domain', 'GET', '/domains/default'],
    [manager, 'find a role', 'GET', '/roles?name=member'],
    [manager, 'list what roles imply', 'GET', '/role_inferences'],
    [manager, 'add to the group', 'PUT', `/groups/${group}/users/${user}`],
    [manager, 'add a foreign user to the group', 'PUT', `/groups/${group}/users/${foreign}`],
    [manager, 'list the group', 'GET', `/groups/${group}/users`],
    [manager, 'set a password', 'PATCH', `/users/${dev}`, { user: { password: 'pw-Cc3!' } }],
    [manager, 'set a foreign password', 'PATCH', `/users/${foreign}`, { user: { password: 'pw-Cc3!' } }],
    [manager, 'rename its domain', 'PATCH', `/domains/${domain}`, { domain: { description: 'x' } }],
    [manager, 'disable its domain as a project', 'PATCH', `/projects/${domain}`, { project: { enabled: false } }],
    [manager, 'update the project', 'PATCH', `/projects/${own}`, { project: { description: 'x' } }],
    [manager, 'list its own credentials', 'GET', `/users/${boss}/application_credentials`],
    [manager, 'list credentials of its user', 'GET', `/users/${user}/application_credentials`],
    [manager, 'revoke member', 'DELETE', grant('member')],
    [manager, 'delete the group', 'DELETE', `/groups/${group}`],
    [manager, 'delete the user', 'DELETE', `/users/${user}`],
    [manager, 'delete the project', 'DELETE', `/projects/${own}`],
    [manager, 'delete its first project', 'DELETE', `/projects/${project}`],
  ])
}
