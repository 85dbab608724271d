import { disturbances, parseStatus } from '../policy-delivery/backends/juju-status.ts'
import type { Finding } from '../finding.ts'
import type { OpenDelivery } from './policy-delivery.ts'

/** Reads the other charms' status now, and reports later which of them changed. Does nothing without Juju. */
export async function disturbanceWatch({ way, run }: OpenDelivery): Promise<() => Promise<readonly Finding[]>> {
  if (way?.delivery !== 'juju') return () => Promise.resolve([])
  const { model, application } = way
  const status = async () => parseStatus(await run('juju', ['status', '-m', model, '--format', 'json']))
  const before = await status()
  return async () => disturbances(application, before, await status())
}
