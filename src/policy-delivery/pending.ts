/** What a crash left open, settled by what stands. */
import type { Carrier, Standing } from './backends/backend.ts'
import { sha256 } from './digest.ts'
import type { Delivery, DeliveryRecord } from './record.ts'

/**
 * The newest delivery on this route, after what was under way has been brought to an end in the record: an attach that
 * never reached its file is forgotten, one that did counts; the same for a restore.
 */
export async function settlePending(
  record: DeliveryRecord,
  carrier: Carrier,
  standing: Standing,
): Promise<Delivery | undefined> {
  const last = record.deliveries.findLast(({ route }) => route === carrier.route)
  if (last === undefined || last.phase === 'attached') return last
  const rest = record.deliveries.filter((one) => one !== last)
  const isOurs = standing.text !== undefined && sha256(standing.text) === last.override
  if (carrier.isAs(standing, last.previous) && !isOurs) {
    await record.write(rest)
    return rest.findLast(({ route }) => route === carrier.route)
  }
  const attached: Delivery = { ...last, phase: 'attached' }
  await record.write([...rest, attached])
  return attached
}
