import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FetchResponse } from '../../src/openstack/http.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import { services } from '../../src/simulator/services.ts'
import { cloudsYaml, small } from '../fleet/fleet-test-bed.ts'
import { echoing, isSignIn } from '../leaks/echo.ts'
import type { EchoMode } from '../leaks/echo.ts'
import { SecretSearch } from '../leaks/search.ts'
import { filesBelow } from '../onboarding/test-bed.ts'
import { buildCommand, start, until } from './command.ts'
import { startPostgres } from './postgres.ts'
import type { Postgres } from './postgres.ts'

/* A fleet on a database, on a cloud that repeats every request: what PostgreSQL keeps, what is printed, and what is written. */

let postgres: Postgres
let command: string
let folder: string

beforeAll(async () => {
  ;[postgres, command] = await Promise.all([startPostgres(), buildCommand()])
  folder = await mkdtemp(join(tmpdir(), 'fleet-'))
})

afterAll(async () => {
  await postgres.stop()
  for (const one of [dirname(command), folder]) await rm(one, { recursive: true, force: true })
})

const modes: readonly EchoMode[] = [
  ...services.map(({ type, path }): EchoMode => ({
    kind: 'refuse',
    status: type === 'compute' ? 302 : 400,
    isRefused: (_, url) => url.pathname.startsWith(`${path}/`) && !isSignIn(url),
  })),
  { kind: 'refuse', status: 401, isRefused: (_, url) => isSignIn(url) },
  { kind: 'beside' },
  { kind: 'off' },
]

test('no secret that a cloud repeats is in the database, in an output of a worker, or in a file', async () => {
  const search = new SecretSearch()
  search.add(postgres.password)
  const cloud = createCloud(undefined, { adminPassword: `Op"era'tor & <\u00dcn\u00ef> \\ 100%+/=~ p4ss; key` })
  search.add(cloud.admin.password)
  const echo = echoing(cloud.fetch, (secret) => {
    search.add(secret)
  })
  const served = await serve({
    cloud: {
      ...cloud,
      get url() {
        return cloud.url
      },
      answer: async (request) => {
        const body = Buffer.from(await request.arrayBuffer())
        return responseOf(
          await echo.fetch(request.url, {
            method: request.method,
            headers: Object.fromEntries(request.headers),
            ...(body.length === 0 ? {} : { body: body.toString('utf8') }),
            signal: request.signal,
            redirect: 'manual',
          }),
        )
      },
    },
    port: 0,
  })
  await mkdir(join(folder, '.config/openstack'), { recursive: true })
  await writeFile(join(folder, '.config/openstack/clouds.yaml'), cloudsYaml(new Map([['lab', cloud]])), { mode: 0o600 })
  await mkdir(join(folder, 'fleet'))
  for (const name of ['acme', 'birch']) await writeFile(join(folder, 'fleet', `${name}.yaml`), small(name, 'lab'))
  const env = { PATH: process.env.PATH, HOME: folder, PGPASSFILE: postgres.passFile }
  const run = (...args: readonly string[]) =>
    start(command, env, 'fleet', ...args, '--database', postgres.address, '--debug')
  const worker = run('worker')
  try {
    await until(() => worker.err().includes('waits for tenants'), worker.err)
    const codes: (number | string)[] = []
    let last = ''
    for (const mode of modes) {
      echo.mode = mode
      const apply = run('apply', join(folder, 'fleet'), '--yes', '-o', 'json')
      codes.push(await apply.ended)
      last = apply.out()
      expect(search.hits(apply.out() + apply.err()), JSON.stringify(mode)).toEqual([])
    }
    expect(codes.at(-1), last).toBe(0)
    // some of the refusals ended in the database
    expect(codes.filter((code) => code !== 0).length).toBeGreaterThan(2)
    const dump = await postgres.dump()
    expect(dump).toContain('acme')
    expect(search.hits(worker.out() + worker.err())).toEqual([])
    // COPY writes a backslash twice
    for (const text of [dump, dump.replaceAll('\\\\', '\\')]) expect(search.hits(text)).toEqual([])
    const files = [...(await filesBelow(join(folder, 'tenant-onboard')))].filter(
      ([path]) => !path.includes('/secrets/') && !path.endsWith('/secure.yaml'),
    )
    expect(files.length).toBeGreaterThan(4)
    for (const [path, text] of files) expect(search.hits(text), path).toEqual([])
    expect(echo.count).toBeGreaterThan(20)
    expect(search.count).toBeGreaterThan(10)
  } finally {
    worker.kill('SIGTERM')
    await worker.ended
    await served.close()
  }
})

async function responseOf({ status, headers, body }: FetchResponse): Promise<Response> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  const kept = ['content-type', 'x-subject-token', 'x-openstack-request-id', 'location', 'date'].flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const text = Buffer.concat(chunks)
  return new Response(status === 204 || text.length === 0 ? null : text, { status, headers: Object.fromEntries(kept) })
}
