/** Magnum as a client of Keystone: it signs in like any user, and is refused like any user. */
import { objectAt, textAt } from '../../json.ts'
import type { Account, InnerAnswer, World } from '../../world.ts'

/** Another service refused, or did not answer. The step decides what the conductor does. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused'
  readonly status: number
  readonly answer: InnerAnswer

  constructor(answer: InnerAnswer) {
    super(`answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    this.status = answer.status
    this.answer = answer
  }
}

export function bodyOrThrow(answer: InnerAnswer): unknown {
  if (answer.status >= 400) throw new StepRefused(answer)
  return answer.body
}

async function signIn(world: World, account: Account, scope: unknown): Promise<string> {
  const { name, domain, password } = account
  const answer = await world.send({
    service: 'identity',
    method: 'POST',
    path: '/v3/auth/tokens?nocatalog',
    body: {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain: { name: domain }, password } } },
        scope,
      },
    },
  })
  bodyOrThrow(answer)
  return answer.headers.get('x-subject-token') ?? ''
}

/** The trustee domain's admin, with a token for that domain. */
export function signInDomainAdmin(world: World): Promise<string> {
  const { domainAdmin } = world.magnum
  return signIn(world, domainAdmin, { domain: { name: domainAdmin.domain } })
}

export type Told = { readonly status: number; readonly message: string; readonly requestId: string }

/** A look of Magnum at Keystone by that account. Its refusal may be of the sign-in already. */
export async function getAsDomainAdmin(world: World, path: string): Promise<Told> {
  try {
    const token = await signInDomainAdmin(world)
    return toldBy(await world.send({ service: 'identity', method: 'GET', path, token }))
  } catch (error) {
    if (!(error instanceof StepRefused)) throw error
    return toldBy(error.answer)
  }
}

function toldBy({ status, body, headers }: InnerAnswer): Told {
  const message = textAt(objectAt(body, 'error'), 'message') ?? ''
  return { status, message, requestId: headers.get('x-openstack-request-id') ?? '' }
}

/** Magnum itself, in the service project: it stores the certificates, not the tenant. */
export function signInService(world: World): Promise<string> {
  const { service } = world.magnum
  return signIn(world, service, { project: { name: service.project, domain: { name: service.domain } } })
}

export function domainIdOf(world: World): string {
  return world.state.domains.find((row) => row.name === world.magnum.domainAdmin.domain)?.id ?? ''
}

export function idIn(body: unknown, key: string): string {
  return textAt(objectAt(body, key), 'id') ?? ''
}
