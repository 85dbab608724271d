/** Completes the record after a crash, from the current state. */
import type { DeliveryBackend, DeliveredState } from './backends/backend.ts'
import { sha256 } from './digest.ts'
import type { Delivery, DeliveryRecord } from './record.ts'

/**
 * The newest delivery on this route. First completes an interrupted one in the record: an attach that never reached its
 * file is forgotten, one that did counts; the same for a restore.
 */
export async function settlePending(
  record: DeliveryRecord,
  backend: DeliveryBackend,
  standing: DeliveredState,
): Promise<Delivery | undefined> {
  const last = record.deliveries.findLast(({ route }) => route === backend.route)
  if (last === undefined || last.phase === 'attached') return last
  const rest = record.deliveries.filter((one) => one !== last)
  const isOurs = standing.text !== undefined && sha256(standing.text) === last.override
  if (backend.isAs(standing, last.previous) && !isOurs) {
    await record.write(rest)
    return rest.findLast(({ route }) => route === backend.route)
  }
  const attached: Delivery = { ...last, phase: 'attached' }
  await record.write([...rest, attached])
  return attached
}
