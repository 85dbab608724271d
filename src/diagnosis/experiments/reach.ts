import { CloudError } from '../../errors.ts'
import { requestIdsOf } from '../../openstack/exchange.ts'
import type { FetchInit } from '../../openstack/http.ts'
import type { Token } from '../../openstack/token.ts'
import type { Case } from '../case.ts'
import { experiment } from '../experiment.ts'

export type Reach = {
  /** The result of the operator's sign-in. */
  readonly operator: Token | CloudError
  /** Seconds that the cloud's clock is ahead of ours, if known. */
  readonly skew: number | undefined
}

/** Everything else depends on it. The clock of an untrusted server is read too, without any secret. */
export const reach = experiment('reach', 'can the operator sign in, and do the clocks agree?', async (on, notes) => {
  const { session, exchanges } = on.subject.operator.recording()
  const operator = await session.token().catch((error: unknown) => {
    if (error instanceof CloudError) return error
    throw error
  })
  const date = exchanges.at(-1)?.date ?? (await dateBehind(on))
  const skew = date === undefined ? undefined : Math.round((Date.parse(date) - on.subject.now().getTime()) / 1000)
  const ids = requestIdsOf(exchanges)
  notes.saw(operator instanceof CloudError ? operator.message : `${operator.userName} signed in`, ids)
  if (skew !== undefined) notes.saw(`the cloud's clock is ${skew} s ahead of ours`, ids)
  return { operator, skew } satisfies Reach
})

async function dateBehind({ subject }: Case): Promise<string | undefined> {
  const init: FetchInit = { method: 'GET', headers: {}, signal: AbortSignal.timeout(2000), redirect: 'manual' }
  try {
    const answer = await subject.anyCertificate(subject.endpoint.authUrl, init)
    // read to its end, so that the connection is free again
    for await (const _ of answer.body ?? []);
    return answer.headers.get('date') ?? undefined
  } catch {
    return undefined
  }
}
