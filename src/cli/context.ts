import type { Fetch } from '../openstack/http.ts'
import type { StartTimer } from '../openstack/timer.ts'

/** Everything that a command may touch outside of itself, so that a test can hand it all of it. */
export type CommandContext = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The user's home folder. */
  readonly home: string
  out(text: string): void
  /** Progress and errors. */
  err(text: string): void
  readonly isTerminal: boolean
  /** A person looks on, and has not asked for none. */
  readonly hasColor: boolean
  readonly columns: number
  /** Asks a yes-or-no question on the terminal. */
  confirm(question: string): Promise<boolean>
  /** Asks for a line of text; absent where nobody can be asked. */
  ask?(question: string): Promise<string>
  /** In place of the network: the simulator. */
  readonly fetch?: Fetch
  /** Set by the first Ctrl-C or SIGTERM. */
  readonly stop: AbortSignal
  readonly pid: number
  /** Ends the process before anything else happens: for who has lost the right to go on. */
  readonly exit?: (code: number) => void
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  /** For deadlines; `setTimeout` where absent. */
  readonly startTimer?: StartTimer
  /** For one request, answer included; 60 seconds where absent. */
  readonly deadlineMs?: number
}
