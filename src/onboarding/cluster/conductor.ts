/** What Magnum's conductor says of a cluster while it is made, where cloud.yaml says how its log is read. */
import { StopError } from '../../errors.ts'
import { wordsOfConductor } from '../../logs/cluster-entries.ts'
import type { ConductorWord } from '../../logs/cluster-entries.ts'
import { openLog } from '../../logs/open-log.ts'
import { entriesAbout } from '../../logs/oslo-line.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

export type Conductor = {
  /** Empty where there is no access, or nothing was said. Looks again at most every ten seconds, unless it is pressed. */
  readonly words: (isPressed?: boolean) => Promise<readonly ConductorWord[]>
}

/** A look by Juju takes seconds. */
const pauseMs = 10_000

/** Lines that are kept: a traceback names its request far above its last line. */
const memory = 20_000

export function conductorOf({ tenant, external, clock }: GateContext, subject: ClusterSubject): Conductor {
  const log = external === undefined ? undefined : openLog(tenant.facts, 'magnum_conductor', external.run)
  if (log === undefined) return { words: () => Promise.resolve([]) }
  let lines: readonly string[] = []
  let lookedAt = -Infinity
  let isLost = false
  return {
    async words(isPressed = false) {
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
      return wordsOfConductor(entriesAbout(lines, { requestIds: subject.requestIds, id: subject.uuid }))
    },
  }
}

/** For evidence: the last few, since the first failure is what the later ones speak of. */
export function tellingWords(words: readonly ConductorWord[]): readonly ConductorWord[] {
  const first = words.findIndex(({ failed }) => failed !== undefined)
  return first === -1 ? words.slice(-3) : words.slice(first, first + 3)
}
