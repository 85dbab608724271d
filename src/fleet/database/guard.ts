import { createHash } from 'node:crypto'
import { Client } from 'pg'
import { StopError } from '../../errors.ts'

/**
 * A connection whose locks show that its process is alive: PostgreSQL frees the advisory locks of a session when the
 * session ends, for any reason. A process that loses it must stop at once, because a peer may already take over its
 * work.
 */
export class Guard {
  readonly #client: Client
  #timer: NodeJS.Timeout | undefined
  #tell: (error: Error) => void = () => undefined
  /** Settles when the session is gone, unless `end` was called. */
  readonly lost: Promise<Error>

  private constructor(client: Client) {
    this.#client = client
    this.lost = new Promise((resolve) => {
      this.#tell = resolve
    })
    client.on('error', this.#tell)
    client.on('end', () => {
      this.#tell(new Error('the database ended the connection'))
    })
  }

  /** `beatMs`: how often it is tested. Without it, a loss is only noticed on use. */
  static async open(address: string, beatMs?: number): Promise<Guard> {
    const client = new Client({
      connectionString: address,
      application_name: 'tenant-onboard guard',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: silenceMs,
    })
    const guard = new Guard(client)
    try {
      await client.connect()
      // the server gives up a silent peer later than the peer gives up the server, so nothing is taken over too early
      await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4')
    } catch (error) {
      await client.end().catch(() => undefined)
      throw new StopError('cannot work with the database', { cause: error })
    }
    if (beatMs !== undefined) guard.#beat(beatMs)
    return guard
  }

  /** Takes the lock of a name if it is free. The session that has it gets it again. */
  async tryLock(name: string): Promise<boolean> {
    const { rows } = await this.#client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [keyOf(name)])
    return rows[0]?.got === true
  }

  /** Takes it, after waiting for its holder. */
  async lock(name: string): Promise<void> {
    while (!(await this.tryLock(name))) await new Promise((resolve) => setTimeout(resolve, 200))
  }

  async unlock(name: string): Promise<void> {
    await this.#client.query('SELECT pg_advisory_unlock($1)', [keyOf(name)])
  }

  /** The executors of the pending workflows of our version. */
  async executorsAtWork(version: string): Promise<readonly string[]> {
    const { rows } = await this.#client.query<{ executor_id: string }>(
      `SELECT DISTINCT executor_id FROM dbos.workflow_status
       WHERE status = 'PENDING' AND application_version = $1 AND executor_id IS NOT NULL`,
      [version],
    )
    return rows.map((row) => row.executor_id)
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#client.removeAllListeners('end')
    await this.#client.end().catch(() => undefined)
  }

  #beat(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.#client.query('SELECT 1').catch(this.#tell)
    }, everyMs)
  }
}

/**
 * A server that is silent for this long is lost. Below the 30 seconds after which the server gives us up, and more than
 * a busy machine takes for one answer.
 */
const silenceMs = 20_000

/** Advisory locks are numbers of 64 bits. */
function keyOf(name: string): string {
  return createHash('sha256').update(`tenant-onboard ${name}`).digest().readBigInt64BE().toString()
}
