/** The requests of src/policy with the ids of a Keystone of `lab/up releases`. */
import type { Ask } from '../../src/policy/model/operation.ts'
import type { PlayedRequest } from './releases.ts'
import type { World } from './release-world.ts'

/** The accounts of the policy's personas in that cloud. */
const users: Readonly<Record<string, string>> = {
  admin: 'admin',
  auditor: 'default-system-reader',
  magnum_domain_admin: 'magnum-domain-admin',
  'acme-admin': 'acme-project-admin',
  magnum: 'default-service-admin',
  nova: 'default-service',
  'acme-domain-admin': 'acme-domain-manager',
  'acme-lead': 'acme-project-manager',
  'acme-auditor': 'acme-domain-reader',
  'acme-cluster': 'acme-member',
  'acme-viewer': 'acme-reader',
  'acme-svc': 'acme-app-credential',
}
const tokenOf: Readonly<Record<string, string>> = { 'application-credential': 'app-credential' }

/** The domains that the default base does not name are Default. */
function place(name: string): string {
  return name.replace(/^(?:admin|service)_domain(?=-|$)/, 'default')
}

export function playedAsk({ request, persona }: Ask, world: World): PlayedRequest {
  const [path = '', query] = request.path.split('?')
  const real = path
    .replace(/\/OS-EC2\/([^/]+)/, (_whole, name: string) => `/OS-EC2/${idOf('ec2', name, world)}`)
    .replace(
      /\/(user|group|domain|project|role|trust|application_credential|credential)s\/(?!OS-EC2|inherited)([^/]+)/g,
      (_whole, kind: string, name: string) => `/${kind}s/${idOf(kind, name, world)}`,
    )
    .replace(/\/implies\/([^/]+)/, (_whole, name: string) => `/implies/${idOf('role', name, world)}`)
  const pairs = query?.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split('=')
    const kind = kindOf(key)
    return `${key}=${kind === undefined ? value : idOf(kind, value, world)}`
  })
  const token = world.tokens[tokenOf[persona.name] ?? persona.name]
  const subject = request.headers?.['X-Subject-Token']
  return {
    method: request.method,
    path: pairs === undefined ? real : `${real}?${pairs.join('&')}`,
    token,
    restore: !['GET', 'HEAD'].includes(request.method),
    ...(subject === undefined ? {} : { headers: { 'X-Subject-Token': subjectOf(subject, token ?? '', world) } }),
    ...(request.body === undefined ? {} : { body: bodyOf('', request.body, world) }),
  }
}

/** `a token of acme-alice`, or the caller's own. */
function subjectOf(subject: string, own: string, world: World): string {
  const domain = /^a token of (.+)-alice$/.exec(subject)?.[1]
  return (domain === undefined ? undefined : world.tokens[`alice@${place(domain)}`]) ?? own
}

function idOf(kind: string, name: string, { ids }: World): string {
  if (name === 'nobody') return '0'.repeat(32)
  const label = labelOf(kind, name, ids)
  const id = ids[label]
  if (id === undefined) throw new Error(`nothing is called ${label}`)
  return id
}

function labelOf(kind: string, name: string, ids: World['ids']): string {
  const user = (owner: string): string => users[owner] ?? place(owner)
  switch (kind) {
    case 'user':
      return `user:${user(name)}`
    case 'domain':
      return `domain:${place(name)}`
    case 'project':
      if (name === 'services') return 'project:service'
      // the record of a domain
      return name !== 'admin' && `domain:${place(name)}` in ids ? `domain:${place(name)}` : `project:${place(name)}`
    case 'role':
      return `role:${place(name.replace(/-role$/, ''))}`
    case 'trust':
    case 'application_credential':
    case 'credential':
    case 'ec2':
      return `${kind}:${user(name.replace(/-(?:trust|ac|key)$/, ''))}`
    default:
      return `${kind}:${place(name)}`
  }
}

/** `trustor_user_id`, `scope.project.id`, `tenant_id`. */
function kindOf(key: string): string | undefined {
  if (key === 'tenant_id' || key === 'parent_id') return 'project'
  return /(domain|user|group|project|role)[._]id$/.exec(key)?.[1]
}

function bodyOf(key: string, value: unknown, world: World): unknown {
  if (typeof value === 'string') {
    const kind = kindOf(key)
    return kind === undefined ? value : idOf(kind, value, world)
  }
  if (Array.isArray(value)) return value.map((each) => bodyOf(key, each, world))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bodyOf(name, each, world)]))
}
