import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { actors } from './actors.ts'
import { readPrivate } from './private-file.ts'
import { stageNames } from './stage.ts'

/**
 * The progress of a run on a tenant, for other processes: JSON lines, one file for the latest run. Nothing depends on
 * it. A run that cannot write it continues without it, and a killed run leaves it without an `ended`. Only the lock
 * shows whether a run is active (docs/decisions/0095).
 */

const step = z.object({
  id: z.string(),
  stage: z.enum(stageNames),
  action: z.enum(['create', 'adopt', 'update', 'keep']),
  actor: z.enum(actors),
  kind: z.string(),
  name: z.string(),
  because: z.string(),
  /** Ids of the steps that come before it. */
  needs: z.array(z.string()),
})
const at = z.iso.datetime()
const line = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begun'),
    at,
    command: z.string(),
    pid: z.int(),
    /** The tenant's file, so that an observer can compare the evidence with it. */
    file: z.string(),
    stages: z.array(z.enum(stageNames)),
    steps: z.array(step),
  }),
  z.object({
    kind: z.literal('stage'),
    at,
    stage: z.enum(stageNames),
    state: z.enum(['started', 'done', 'failed', 'stopped', 'kept']),
    /** Of a stage that is kept: when it was proved. */
    since: at.optional(),
  }),
  z.object({ kind: z.literal('step'), at, step: z.string(), state: z.enum(['started', 'done', 'failed', 'stopped']) }),
  z.object({ kind: z.literal('waiting'), at, stage: z.enum(stageNames), because: z.string() }),
  z.object({
    kind: z.literal('ended'),
    at,
    outcome: z.enum(['done', 'failed', 'stopped']),
    because: z.string().optional(),
  }),
])
export type ProgressStep = z.output<typeof step>
export type ProgressLine = z.output<typeof line>
export type ProgressStart = Extract<ProgressLine, { readonly kind: 'begun' }>

export type ProgressFile = {
  /** Returns at once; drops what cannot be written. */
  readonly add: (line: ProgressLine) => void
  /** After the last line is written. */
  readonly close: () => Promise<void>
}

/** Starts a new file. Only under the tenant's lock. */
export async function openProgressFile(path: string): Promise<ProgressFile> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_NONBLOCK
  const file = await open(path, flags, 0o600).catch(() => undefined)
  // one write at a time; no fsync, because a lost line does no harm
  let queue: Promise<unknown> = file === undefined ? Promise.resolve() : file.chmod(0o600).catch(() => undefined)
  return {
    add(line) {
      const text = `${JSON.stringify(line)}\n`
      queue = queue.then(() => file?.appendFile(text)).catch(() => undefined)
    },
    async close() {
      await queue
      await file?.close().catch(() => undefined)
    },
  }
}

/** The complete lines of the latest run; none if there was no run. */
export async function readProgress(path: string): Promise<readonly ProgressLine[]> {
  const text = (await readPrivate(path)) ?? ''
  return text.split('\n').flatMap((one) => {
    const parsed = line.safeParse(parseJson(one))
    return parsed.success ? [parsed.data] : []
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
