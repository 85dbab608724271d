import { CloudError, fateOf, isTransient } from '../../errors.ts'

/**
 * Makes a throwaway, once. Its name belongs to this run alone, so what has the name is this throwaway: the answer to its
 * create was lost, or a service that repeats its own transactions answers 409 for what it has just made (docs/decisions/0152).
 */
export async function makeOnce<T>(create: () => Promise<T>, find: () => Promise<T | undefined>): Promise<T> {
  try {
    return await create()
  } catch (error) {
    if (!(error instanceof CloudError) || !(error.status === 409 || isTransient(error))) throw error
    // a look that fails as well says nothing more than the first error
    const found = await find().catch(() => undefined)
    if (found === undefined) throw error
    return found
  }
}

/** True if the thing may still appear, although nobody sees it now. */
export function mayAppear(error: unknown): error is CloudError {
  return error instanceof CloudError && isTransient(error) && ['open', 'broken'].includes(fateOf(error))
}
