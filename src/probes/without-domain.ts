import { send } from '../openstack/resource-requests.ts'
import type { Session } from '../openstack/session.ts'
import { inside, object, text } from '../openstack/shape.ts'
import type { Secret } from '../secret.ts'

type WithoutDomain = {
  readonly name: string
  readonly description: string
  readonly enabled?: boolean
  readonly password?: Secret
}

/**
 * The client always names the domain; here its absence is the point. If this is not refused, Keystone makes the object
 * in the domain of the token: keystone/server/flask/common.py, `_normalize_domain_id`.
 */
export function createWithoutDomain(
  session: Session,
  kind: 'user' | 'project' | 'group',
  { password, ...fields }: WithoutDomain,
): Promise<{ readonly id: string }> {
  const made = object<{ readonly id: string }>({ id: text })
  return send(
    session,
    {
      service: 'identity',
      method: 'POST',
      path: `/${kind}s`,
      body: { [kind]: { ...fields, ...(password === undefined ? {} : { password: password.reveal() }) } },
    },
    inside(kind, made),
  )
}
