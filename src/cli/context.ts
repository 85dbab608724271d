import type { Exchange } from '../openstack/exchange.ts'
import type { Fetch } from '../openstack/http.ts'
import type { StartTimer } from '../openstack/timer.ts'

/** Everything outside of a command that it may touch, so that a test can supply all of it. */
export type CommandContext = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The user's home folder. */
  readonly home: string
  out(text: string): void
  /** Progress and errors. */
  err(text: string): void
  /** Prints what ended a command, also with `--quiet`; `err` if absent. */
  fatal?(text: string): void
  readonly isTerminal: boolean
  /** True if a person watches the terminal and has not turned live output off. */
  readonly hasColor: boolean
  readonly columns: number
  /** Asks a yes-or-no question on the terminal. */
  confirm(question: string): Promise<boolean>
  /** Asks for a line of text. Absent if there is no terminal. */
  ask?(question: string): Promise<string>
  /** Replaces the network: the simulator. */
  readonly fetch?: Fetch
  /** Told of each request when its answer is there: `--trace`. */
  readonly onExchange?: (exchange: Exchange) => void
  /** Set by the first Ctrl-C or SIGTERM. */
  readonly stop: AbortSignal
  readonly pid: number
  /** Ends the process before anything else happens, for a worker that has lost its lock. */
  readonly exit?: (code: number) => void
  readonly now: () => Date
  /** Ends early on an interruption, and on `until`. */
  readonly sleep: (milliseconds: number, until?: AbortSignal) => Promise<void>
  /** For deadlines; `setTimeout` if absent. */
  readonly startTimer?: StartTimer
  /** Milliseconds for one request, answer included; 60 seconds if absent. */
  readonly deadlineMs?: number
}
