/**
 * Every service answers eight requests at once right after it was started, and still answers afterwards: a service that hangs makes
 * stories fail that have nothing to do with it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { text } from './ask.ts'
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
  expect(await hammer(`${service.url}${paths[name] ?? ''}`)).toEqual(allAnswered)
})

test('no service of the lab is left out', async () => {
  expect(Object.keys((await findLab()).services).sort()).toEqual(Object.keys(paths).sort())
})

const allAnswered = { 200: requests }

/** As the operator; a token and the project that it is for. */
async function signIn(): Promise<{ readonly token: string; readonly project: string }> {
  const { url, admin } = await findKeystone('main')
  const user = { name: admin.username, password: admin.password, domain: { name: admin.userDomain } }
  const answer = await fetch(`${url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: admin.project, domain: { name: admin.projectDomain } } },
      },
    }),
  })
  return {
    token: answer.headers.get('x-subject-token') ?? '',
    project: text(await answer.json(), 'token.project.id'),
  }
}

/** How many answers came of each status, or of each failure. */
async function hammer(address: string): Promise<Readonly<Record<string, number>>> {
  const { token, project } = await signIn()
  const url = address.replace('%(project_id)s', project)
  const seen: Record<string, number> = {}
  let left = requests
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const options = { headers: { 'x-auth-token': token }, signal: AbortSignal.timeout(20_000) }
      const answer = await fetch(url, options).then(({ status }) => String(status), String)
      seen[answer] = (seen[answer] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return seen
}
