import { CloudError } from '../../errors.ts'
import { requestIdsOf } from '../../openstack/exchange.ts'
import type { FetchInit } from '../../openstack/http.ts'
import type { Token } from '../../openstack/token.ts'
import type { Case } from '../case.ts'
import { experiment } from '../experiment.ts'

export type Reach = {
  /** What the operator's sign-in ended with. */
  readonly operator: Token | CloudError
  /** Seconds by which the cloud's clock is ahead of ours, as far as it can be told. */
  readonly skew: number | undefined
}

/** Everything else stands on it. Where the server is not trusted its clock is asked all the same, without a word about us. */
export const reach = experiment('reach', 'does the operator get in, and do the clocks agree?', async (on, notes) => {
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
