/** A throwaway tenant on a cloud, made by the admin with plain requests. */
import { at, signInAdmin, text } from './ask.ts'
import type { Account } from './ask.ts'
import type { LabKeystone } from './cloud.ts'

export type Tenant = {
  readonly domain: { readonly id: string; readonly name: string }
  readonly project: { readonly id: string; readonly name: string }
  readonly manager: Account & { readonly id: string }
  readonly creator: Account & { readonly id: string }
}

/** A domain, its manager, a project, and an account with `member` and `load-balancer_member` on it. */
export async function makeTenant(on: Pick<LabKeystone, 'url' | 'admin'>, name: string): Promise<Tenant> {
  const admin = await signInAdmin(on)
  const post = async (collection: string, kind: string, attributes: Record<string, unknown>): Promise<string> =>
    text((await admin('POST', `${on.url}/${collection}`, { [kind]: attributes })).body, `${kind}.id`)
  const grant = async (where: string, user: string, role: string): Promise<void> => {
    const roles = await admin('GET', `${on.url}/roles?name=${role}`)
    await admin('PUT', `${on.url}/${where}/users/${user}/roles/${String(at(roles.body, 'roles.0.id'))}`)
  }

  const domain = await post('domains', 'domain', { name })
  const account = async (account: string): Promise<Account & { readonly id: string }> => {
    const password = `of ${account}`
    const id = await post('users', 'user', { name: account, domain_id: domain, password })
    return { id, name: account, domain: name, password }
  }
  const manager = await account(`${name}-domain-admin`)
  const creator = await account(`${name}-cluster`)
  const project = await post('projects', 'project', { name: `${name}-prod`, domain_id: domain })
  await grant(`domains/${domain}`, manager.id, 'manager')
  await grant(`projects/${project}`, creator.id, 'member')
  await grant(`projects/${project}`, creator.id, 'load-balancer_member')
  return { domain: { id: domain, name }, project: { id: project, name: `${name}-prod` }, manager, creator }
}
