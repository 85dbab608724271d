import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { privateFolder, readPrivate, writePrivate } from '../tenant/private-file.ts'
import { attentionOf } from './attention.ts'
import type { Attention } from './attention.ts'
import type { TenantOutcome } from './outcome.ts'
import type { Limits } from './schedule.ts'
import type { Standings } from './tally.ts'

/** The state of a fleet's current or last run: for `fleet status` and the console. docs/json.md has its format. */
export type FleetState = Standings & {
  readonly version: 1
  /** Absolute. */
  readonly folder: string
  readonly command: string
  readonly pid: number
  readonly state: 'running' | 'ended' | 'stopped'
  readonly startedAt: string
  readonly updatedAt: string
  readonly limits: Limits
  readonly attention: readonly Attention[]
}

export type StateHead = Pick<FleetState, 'folder' | 'command' | 'pid' | 'limits'>

/** The number of failures that the file distinguishes; the summary at the end has all. */
const remembered = 500

/** Beside the clouds, under a name that no cloud can have: their names begin with a letter. */
export function stateFolder(root: string): string {
  return join(root, '_fleet')
}

export function statePath(root: string, folder: string): string {
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 8)
  return join(stateFolder(root), `${basename(folder).replace(/[^A-Za-z0-9.-]/g, '_')}-${mark}.json`)
}

/** `undefined` if this fleet was never run here, or the file is incomplete. */
export async function readState(path: string): Promise<FleetState | undefined> {
  const text = await readPrivate(path)
  if (text === undefined) return undefined
  try {
    const state: unknown = JSON.parse(text)
    return isState(state) ? state : undefined
  } catch {
    return undefined
  }
}

/** Only we write it, and always whole. */
function isState(value: unknown): value is FleetState {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}

export class StateFile {
  readonly #path: string
  readonly #head: StateHead
  readonly #now: () => Date
  readonly #startedAt: string
  readonly #wanting: TenantOutcome[] = []
  #writing: Promise<void> | undefined

  constructor(path: string, head: StateHead, now: () => Date) {
    this.#path = path
    this.#head = head
    this.#now = now
    this.#startedAt = now().toISOString()
  }

  note(outcome: TenantOutcome): void {
    if (outcome.exitCode !== 0 && this.#wanting.length < remembered) this.#wanting.push(outcome)
  }

  /** Writes unless a write is in progress; then the next one includes it. */
  update(standings: Standings): void {
    this.#writing ??= this.#write(standings, 'running')
      // the file is only for observers: a full disk must not end the run
      .catch(() => undefined)
      .finally(() => (this.#writing = undefined))
  }

  async end(standings: Standings, state: 'ended' | 'stopped'): Promise<void> {
    await this.#writing
    await this.#write(standings, state)
  }

  async #write(standings: Standings, state: FleetState['state']): Promise<void> {
    const updatedAt = this.#now().toISOString()
    const attention = attentionOf(this.#wanting)
    const whole = { version: 1, ...this.#head, state, startedAt: this.#startedAt, updatedAt, ...standings, attention }
    await privateFolder(dirname(this.#path))
    await writePrivate(this.#path, `${JSON.stringify(whole, undefined, 2)}\n`)
  }
}
