import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { messagesOfConductor } from '../../src/logs/cluster-entries.ts'
import { entriesAbout, parseOsloLine } from '../../src/logs/oslo-line.ts'

/* Lines that Magnum 15.0.1 wrote on the lab, with its ids and shortened tracebacks. */

const cluster = 'f3b78482-f3ff-406d-8d56-10e77656a102'
const asked = 'req-d527451c-22ec-4dd8-a219-80ec71f07958'

async function realLines(): Promise<readonly string[]> {
  return (await readFile(new URL('./magnum-conductor.log', import.meta.url), 'utf8')).split('\n')
}

test('why a cluster failed is found, though the line that says it names neither the cluster nor the request', async () => {
  const lines = await realLines()
  const telling = lines.find((line) => line.includes('] Failed to create trust:')) ?? ''
  expect(telling).not.toContain(cluster)
  expect(telling).not.toContain(asked)
  const message = messagesOfConductor(entriesAbout(lines, { requestIds: [asked], id: cluster }))
  const failure = message.find(({ failed }) => failed !== undefined)
  expect(failure).toMatchObject({ at: '2026-11-23 03:43:28.907', failed: 'trust' })
  expect(failure?.message).toContain('Delegated tokens cannot manage trusts')
})

test('nothing of another cluster is taken for it', async () => {
  const message = messagesOfConductor(
    entriesAbout(await realLines(), { requestIds: [], id: '7a0353e2-2663-4c0b-9e87-f8cc09f76cde' }),
  )
  expect(message.map(({ failed }) => failed)).not.toContain('trust')
  expect(
    entriesAbout(await realLines(), { requestIds: ['req-00000000-0000-4000-8000-000000000000'], id: 'nothing' }),
  ).toEqual([])
})

test('DEBUG is never repeated, since it carries whole requests', async () => {
  const lines = await realLines()
  expect(lines.some((line) => line.includes(' DEBUG ') && line.includes('X-Auth-Token'))).toBe(true)
  const message = messagesOfConductor(entriesAbout(lines, { requestIds: [asked], id: cluster }))
  expect(JSON.stringify(message)).not.toContain('X-Auth-Token')
})

test.each([
  ['Failed to create trustee', 'trustee'],
  ['Failed to create trust: keystoneauth1.exceptions.http.Forbidden: no', 'trust'],
  ['Failed to create trustee and trust for Cluster: x', undefined],
  ['Failed to generate certificates for Cluster: x', 'certificates'],
  ['Exception during message handling: Image x does not have a kube_version property.', 'driver'],
  ['Resource CREATE failed: OverQuota: no', 'driver'],
] as const)('`%s` tells of %s', (text, failed) => {
  const line = `2026-11-23 03:43:28.907 1 ERROR magnum.x [None ${asked} - -] ${text}`
  const [word] = messagesOfConductor(entriesAbout([line], { requestIds: [asked], id: cluster }))
  expect(word?.failed).toBe(failed)
})

test('a secret that a message carries is masked', () => {
  const line = `2026-11-23 03:43:28.907 1 ERROR magnum.x [None ${asked} - -] sent {'password': 'hunter2-hunter2'} and token=abcdef`
  const [word] = messagesOfConductor(entriesAbout([line], { requestIds: [asked], id: cluster }))
  expect(word?.message).not.toContain('hunter2')
  expect(word?.message).not.toContain('abcdef')
  expect(parseOsloLine('no line of oslo')).toBeUndefined()
})
