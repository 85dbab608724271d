import type { Clock, TenantContext } from './context.ts'
import { openEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'

/**
 * The evidence of a command that changes something, under the lock: the data directory belongs to this Keystone from now on, and a
 * record before the first one of the command says which cloud it works on.
 */
export async function openRunEvidence(
  {
    home,
    clock,
    keystone,
    used,
  }: Pick<TenantContext, 'home' | 'keystone' | 'used'> & { readonly clock: Pick<Clock, 'now'> },
  command: string,
): Promise<Evidence> {
  await keystone.remember()
  const { records, append } = await openEvidence(home.evidence, clock.now)
  let begun: Promise<unknown> | undefined
  return {
    records,
    append: async (entry) => {
      begun ??= append({ kind: 'run', command, cloud: used() })
      await begun
      return append(entry)
    },
  }
}
