/** What Magnum's conductor logs about a cluster while it is made, if cloud.yaml says how to read its log. */
import { StopError } from '../../errors.ts'
import { messagesOfConductor } from '../../logs/cluster-entries.ts'
import type { ConductorMessage } from '../../logs/cluster-entries.ts'
import { openLog } from '../../logs/open-log.ts'
import { entriesAbout } from '../../logs/oslo-line.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

export type Conductor = {
  /** Empty without access or without lines. Reads at most every ten seconds, unless pressed. */
  readonly message: (isPressed?: boolean) => Promise<readonly ConductorMessage[]>
}

/** Reading by Juju takes seconds. */
const pauseMs = 10_000

/** How many lines are kept: a traceback names its request far above its last line. */
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
          // the cluster is made whether we can read the log or not
          isLost = true
          clock.note(`cannot read the conductor's log: ${error.message}`)
        }
      }
      return messagesOfConductor(entriesAbout(lines, { requestIds: subject.requestIds, id: subject.uuid }))
    },
  }
}

/** For evidence: the last lines, because they refer back to the first failure. */
export function tellingWords(message: readonly ConductorMessage[]): readonly ConductorMessage[] {
  const first = message.findIndex(({ failed }) => failed !== undefined)
  return first === -1 ? message.slice(-3) : message.slice(first, first + 3)
}
