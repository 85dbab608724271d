import type { OperatorContext, RunOptions } from '../onboarding/run.ts'
import { sharedProof } from '../onboarding/shared-proof.ts'
import { operatorCustody } from '../tenant/custody.ts'
import type { CommandContext } from './context.ts'
import { loadTenant, openCloud } from './tenant-command.ts'
import type { CloudOptions, OpenCloud } from './tenant-command.ts'

/**
 * What `preflight`, `plan` and `apply` begin with. Throws `InputError` for a home that is the tenant's own, before it looks
 * for a cloud. Who holds the secrets is read here, before the lock: a handover that comes in between takes them with it, and
 * the plan says that nobody can sign in.
 */
export async function openOnboarding(
  file: string,
  { run, ...options }: CloudOptions & { readonly run: RunOptions },
  io: CommandContext,
): Promise<OperatorContext & OpenCloud> {
  const loaded = await loadTenant(file, options, io)
  const custody = await operatorCustody(loaded.home)
  const cloud = await openCloud(loaded, options, io)
  return { ...cloud, custody, options: run, prove: sharedProof(io.now, loaded.home.proof) }
}
