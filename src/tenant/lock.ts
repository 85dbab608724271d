/**
 * One command at a time on one data directory. Node has no flock, so a lock is a listening Unix socket inside of the
 * directory: every spelling, link and mount of the directory leads to the same one, containers of one kernel see it, and no
 * other user can reach it, because the directory is 0700. The kernel ends it with its process, so a crash leaves a socket that
 * refuses connections, and never a lock. Names are random and never used twice: what is dead can be removed by anyone.
 * docs/decisions/0166.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StopError } from '../errors.ts'
import { printable } from '../openstack/printable.ts'
import type { Clock } from './context.ts'
import { privateFolder } from './private-file.ts'

export type Lock = { readonly release: () => Promise<void> }

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

/** Two that begin at the same moment turn each other away, and try again. */
const attempts = 50

/**
 * Makes the folder if it is missing, and takes that back if it is empty at the end. Throws `StopError` with the holder's name
 * if another command holds it. `holder` is the name for such a command.
 */
export async function acquireLock(folder: string, holder: string): Promise<Lock> {
  const made = await missingFolders(folder)
  await privateFolder(folder)
  const room = await openRoom(folder)
  const leave = async (): Promise<void> => {
    await room.close()
    // only while they are empty
    for (const one of made) await rmdir(one).catch(() => undefined)
  }
  try {
    for (let attempt = 1; ; attempt++) {
      const own = await listen(room, holder)
      // whoever listens before it looks is seen by the others that look later: of two, at least one sees the other
      const others = await lookAround(room, own.name)
      if (others.length === 0) {
        own.hold()
        return {
          release: async () => {
            await own.close()
            await leave()
          },
        }
      }
      await own.close()
      const [who] = others.filter((one) => one !== contending)
      if (who !== undefined)
        throw new StopError(`another command works on this tenant: ${who}; wait for it, or stop it`)
      if (attempt === attempts)
        throw new StopError('other commands on this tenant begin at the same moment; run it again')
      await sleep(randomInt(10, 100))
    }
  } catch (error) {
    await leave()
    throw error
  }
}

/** The holder of a folder's lock: `apply, pid 4711, since 2026-05-04T10:00:00.000Z`; `undefined` if it is free. */
export async function holderOf(folder: string): Promise<string | undefined> {
  const room = await openRoom(folder).catch(absent)
  try {
    return room && (await lookAround(room).catch(absent))?.find((one) => one !== contending)
  } finally {
    await room?.close()
  }
}

const contending = 'contending'
const socketName = /^\.lock-([0-9a-f]{12})-([0-9a-f]{12})-[0-9a-f]{16}$/

type Room = {
  readonly folder: string
  /** Of this start of the kernel, and of this machine: hexadecimal. */
  readonly boot: string
  readonly machine: string
  /** A path that is short enough for a socket (107 bytes), whatever the length of the folder's. */
  readonly at: (name: string) => string
  readonly close: () => Promise<void>
}

async function openRoom(folder: string): Promise<Room> {
  const handle: FileHandle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  const [boot, machine] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readFile('/etc/machine-id', 'utf8').catch(() => hostname()),
  ])
  return {
    folder,
    boot: digest(boot),
    machine: digest(machine),
    at: (name) => `/proc/self/fd/${handle.fd}/${name}`,
    close: () => handle.close(),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text.trim()).digest('hex').slice(0, 12)
}

type Listening = {
  readonly name: string
  /** From now on it answers with the holder. */
  readonly hold: () => void
  readonly close: () => Promise<void>
}

async function listen(room: Room, holder: string): Promise<Listening> {
  const name = `.lock-${room.boot}-${room.machine}-${randomBytes(8).toString('hex')}`
  let answer = contending
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(answer)
  })
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: room.at(name) }, resolve)
  })
  return {
    name,
    hold: () => {
      answer = holder
    },
    close: async () => {
      await new Promise((resolve) => server.close(resolve))
      await rm(join(room.folder, name), { force: true })
    },
  }
}

/** What the others that live answer. Removes what is dead. */
async function lookAround(room: Room, own?: string): Promise<readonly string[]> {
  const names = (await readdir(room.folder)).filter((name) => name !== own && socketName.test(name))
  const answers = await Promise.all(names.map((name) => judge(room, name)))
  return answers.filter((one) => one !== undefined)
}

async function judge(room: Room, name: string): Promise<string | undefined> {
  const [, boot, machine] = socketName.exec(name) ?? []
  // a socket of another kernel refuses every connection here, alive or not
  if (boot !== room.boot && machine !== room.machine)
    return `a command on another machine, or one that was cut off there; if none works, remove \`${join(room.folder, name)}\``
  const answer = boot === room.boot ? await ask(room.at(name)) : undefined
  if (answer === undefined) await rm(join(room.folder, name), { force: true })
  return answer
}

/** `undefined` if nobody listens. Reads no more than a line: nobody is believed to be short. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    let isAlive = false
    const socket = connect({ path }, () => {
      isAlive = true
    })
    const end = (): void => {
      socket.destroy()
      resolve(text === '' ? (isAlive ? 'it gives no name' : undefined) : printable(text, 200))
    }
    socket.setTimeout(2000, end)
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
      if (text.length > 200) end()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // full of others that wait: it lives
      if (error.code === 'EAGAIN') isAlive = true
    })
    socket.on('close', end)
  })
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

/** The folders that have to be made, the innermost first. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const missing: string[] = []
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if ((await lstat(at).catch(() => undefined)) !== undefined) break
    missing.push(at)
  }
  return missing
}
