import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A PostgreSQL of our own on loopback, that wants a password. */
export type Postgres = {
  /** Without the password. */
  readonly address: string
  readonly password: string
  /** Holds the password, as PGPASSFILE wants it. */
  readonly passFile: string
  /** Everything in it, as text. */
  dump(): Promise<string>
  query(sql: string): Promise<string>
  stop(): Promise<void>
}

/** Debian keeps the server's programs apart from the PATH, by version. */
async function binaries(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql')
  return join('/usr/lib/postgresql', versions.sort().at(-1) ?? '', 'bin')
}

export async function startPostgres(): Promise<Postgres> {
  const bin = await binaries()
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const data = join(folder, 'data')
  const password = randomBytes(18).toString('base64url')
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password)
  // the server refuses to run as root
  const isRoot = userInfo().uid === 0
  if (isRoot) {
    const [uid = 0, gid = 0] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, 'postgres'])).stdout)),
    )
    await Promise.all([folder, passwordFile].map((path) => chown(path, uid, gid)))
  }
  const as = (program: string, ...args: readonly string[]) =>
    isRoot
      ? execute('runuser', ['-u', 'postgres', '--', join(bin, program), ...args], { cwd: folder })
      : execute(join(bin, program), [...args], { cwd: folder })
  const port = await freePort()
  await as(
    'initdb',
    '-D',
    data,
    '-U',
    'fleet',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
  )
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder} -c fsync=off`
  await as('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', settings, 'start')
  const client = await mkdtemp(join(tmpdir(), 'pgpass-'))
  const passFile = join(client, 'pgpass')
  await writeFile(passFile, `127.0.0.1:${port}:*:fleet:${password}\n`)
  await chmod(passFile, 0o600)
  const address = `postgres://fleet@127.0.0.1:${port}/fleet`
  const options = { env: { PATH: process.env.PATH, PGPASSFILE: passFile }, maxBuffer: 2 ** 28 }
  await execute(join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'fleet', 'fleet'], options)
  return {
    address,
    password,
    passFile,
    dump: async () => (await execute(join(bin, 'pg_dump'), [address], options)).stdout,
    query: async (sql) => (await execute(join(bin, 'psql'), [address, '-At', '-c', sql], options)).stdout.trim(),
    async stop() {
      await as('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
      await Promise.all([folder, client].map((path) => rm(path, { recursive: true, force: true })))
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
