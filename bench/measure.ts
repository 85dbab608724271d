import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Timed } from '../test/lab/fault-proxy.ts'

/**
 * The cost of a command. `cpu` in seconds and `memory` in MiB are of all its processes, `memory` of the largest of
 * them.
 */
export type Measured = {
  readonly seconds: number
  readonly cpu: number
  readonly memory: number
  readonly out: string
}

/** Node cannot report what grandchildren used; the system's python3 can. */
const teller = `import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(['bash', '-c', sys.argv[1]])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print('measured', time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(code)`

/** Runs a line of bash. Throws unless it ends with 0. */
export async function measure(command: string, env: Readonly<Record<string, string | undefined>>): Promise<Measured> {
  const child = spawn('/usr/bin/python3', ['-c', teller, command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  const [, seconds, cpu, memory] = /^measured (\S+) (\S+) (\S+)$/m.exec(out) ?? []
  if (code !== 0 || seconds === undefined) throw new Error(`${command} ended with ${code}: ${out.slice(-2000)}`)
  return { seconds: Number(seconds), cpu: Number(cpu), memory: Number(memory), out }
}

/**
 * The least time that the services need: the chain of dependent requests that ended last, with the time of each until
 * its answer. In seconds. The time between two of them is the client's, or the service's work after its answer.
 */
export function chainOf(exchanges: readonly Timed[]): { readonly seconds: number; readonly requests: number } {
  let limit = Infinity
  let sum = 0
  let requests = 0
  for (;;) {
    let last: Timed | undefined
    for (const one of exchanges) if (one.ended <= limit && (last === undefined || one.ended > last.ended)) last = one
    if (last === undefined) return { seconds: sum / 1000, requests }
    sum += last.ended - last.began
    requests += 1
    limit = last.began
  }
}
