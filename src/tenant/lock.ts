import { createHash } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { StopError } from '../errors.ts'
import type { Clock } from './context.ts'

/**
 * One command at a time on one tenant. Node has no flock, so the lock is a listening Unix socket in Linux's abstract
 * namespace. The kernel frees it when its process dies, so a crash leaves no lock, and a command that finds it taken
 * can ask it for its holder. It needs Linux, and does not work across hosts (docs/decisions/0003).
 */
export type Lock = { release: () => Promise<void> }

/** Throws `StopError` with the holder's name if another command holds it. `holder` is the name for such a command. */
export async function acquireLock(folder: string, holder: string): Promise<Lock> {
  const path = socketOf(folder)
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(holder)
  })
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') {
        reject(error)
        return
      }
      whoHolds(path).then((who) => {
        reject(new StopError(`another command works on this tenant: ${who}; wait for it, or stop it`))
      }, reject)
    })
    server.listen({ path }, resolve)
  })
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** Who works: shown to whoever the lock turns away. */
export type LockHolder = { readonly command: string; readonly pid: number; readonly clock: Pick<Clock, 'now'> }

/** Holds the lock of the folder while `work` runs. Throws `StopError` as `acquireLock` does. */
export async function withLock<T>(
  folder: string,
  { command, pid, clock }: LockHolder,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(folder, `${command}, pid ${pid}, since ${clock.now().toISOString()}`)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** The holder of a folder's lock: `apply, pid 4711, since 2026-05-04T10:00:00.000Z`; `undefined` if it is free. */
export function holderOf(folder: string): Promise<string | undefined> {
  return askHolder(socketOf(folder))
}

function socketOf(folder: string): string {
  return `\0tenant-onboard:${createHash('sha256').update(folder).digest('hex').slice(0, 40)}`
}

async function whoHolds(path: string): Promise<string> {
  return (await askHolder(path)) ?? 'it gives no name'
}

function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    let isHeld = false
    const socket = connect({ path }, () => {
      isHeld = true
    })
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (chunk) => (text += chunk.toString('utf8')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(text === '' ? (isHeld ? 'it gives no name' : undefined) : text)
    })
  })
}
