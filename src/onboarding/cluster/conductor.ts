/** What Magnum's conductor says of a cluster while it is made, where cloud.yaml says how its log is read. */
import { StopError } from '../../errors.ts'
import { messagesOfConductor } from '../../logs/cluster-entries.ts'
import type { ConductorMessage } from '../../logs/cluster-entries.ts'
import { openLog } from '../../logs/open-log.ts'
import { entriesAbout } from '../../logs/oslo-line.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

export type Conductor = {
  /** Empty where there is no access, or nothing was said. Looks again at most every ten seconds, unless it is pressed. */
  readonly message: (isPressed?: boolean) => Promise<readonly ConductorMessage[]>
}

/** A look by Juju takes seconds. */
const pauseMs = 10_000

/** Lines that are kept: a traceback names its request far above its last line. */
const memory = 20_000

export function conductorOf({ tenant, external, clock }: GateContext, subject: ClusterSubject): Conductor {
  const log = openLog(tenant.facts, 'magnum_conductor', external.run)
  if (log === undefined) return { message: () => Promise.resolve([]) }
  let lines: readonly string[] = []
  let lookedAt = -Infinity
  let isLost = false
  return {
    async message(isPressed = false) {
      const now = clock.now().getTime()
      if (!isLost && (isPressed || now - lookedAt >= pauseMs)) {
        lookedAt = now
        try {
          lines = [...lines, ...(await log.read())].slice(-memory)
        } catch (error) {
          if (!(error instanceof StopError)) throw error
          // the cluster is made with or without us looking on
          isLost = true
          clock.note(`the conductor's log is not read: ${error.message}`)
        }
      }
      return messagesOfConductor(entriesAbout(lines, { requestIds: subject.requestIds, id: subject.uuid }))
    },
  }
}

/** For evidence: the last few, since the first failure is what the later ones speak of. */
export function tellingWords(message: readonly ConductorMessage[]): readonly ConductorMessage[] {
  const first = message.findIndex(({ failed }) => failed !== undefined)
  return first === -1 ? message.slice(-3) : message.slice(first, first + 3)
}
