/**
 * Every service answers eight requests at once right after it was started, and goes on answering: a service that hangs makes
 * stories fail that have nothing to do with it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { at, signInAdmin, text } from './ask.ts'
import { findKeystone, findLab, runLab } from './cloud.ts'

const atOnce = 8
const requests = 64

/** A list of each service; what is not here is no service of the lab. */
const paths: Readonly<Record<string, string>> = {
  nova: '/flavors/detail',
  neutron: '/v2.0/networks',
  cinder: '/volumes/detail',
  glance: '/v2/images',
  placement: '/resource_providers',
  barbican: '/v1/secrets',
  octavia: '/v2/lbaas/loadbalancers',
  heat: '/stacks',
  magnum: '/clusters',
}

beforeAll(async () => {
  const { dir, services } = await findLab()
  // one as the kernel's memory killer would end it, workers left alone: the next `lab/up` starts it all the same
  const [pid] = (await readFile(join(dir, 'run/glance.pid'), 'utf8')).split(' ')
  process.kill(Number(pid), 'SIGKILL')
  await runLab('down', ...Object.keys(services).filter((name) => name !== 'glance'))
  await runLab('up')
})

test('Keystone answers eight requests at once', async () => {
  const main = await findKeystone('main')
  expect(await hammer(`${main.url}/users`)).toEqual(allAnswered)
})

test.each(Object.keys(paths))('%s answers eight requests at once', async (name) => {
  const service = (await findLab()).services[name]
  if (service === undefined) throw new Error(`the lab is up without ${name}`)
  expect(await hammer(await endpointOf(service.url, paths[name] ?? ''))).toEqual(allAnswered)
})

test('no service of the lab is left out', async () => {
  expect(Object.keys((await findLab()).services).sort()).toEqual(Object.keys(paths).sort())
})

const allAnswered = { 200: requests }

async function endpointOf(url: string, path: string): Promise<string> {
  const project = text(
    (await (await admin())('GET', `${(await findKeystone('main')).url}/projects?name=admin`)).body,
    'projects.0.id',
  )
  return `${url.replace(/[$%]\(.*?\)s?/, project)}${path}`
}

async function admin(): Promise<Awaited<ReturnType<typeof signInAdmin>>> {
  return signInAdmin(await findKeystone('main'))
}

/** How many answers came of each status, or of each failure. */
async function hammer(url: string): Promise<Readonly<Record<string, number>>> {
  const send = await admin()
  const seen: Record<string, number> = {}
  let left = requests
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await Promise.race([
        send('GET', url).then(({ status, body }) =>
          status === 200 ? '200' : `${status} ${JSON.stringify(at(body, 'error') ?? body)}`,
        ),
        new Promise<string>((resolve) => setTimeout(resolve, 20_000, 'no answer in 20 s').unref()),
      ]).catch(String)
      seen[answer] = (seen[answer] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return seen
}
