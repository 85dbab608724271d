import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { bundle } from '../../src/report/bundle.ts'
import { Secret } from '../../src/secret.ts'

const password = 'Zk3-9fQ_pW7xL2vB8nR4tY6u'
const key = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\nAAAAC3NzaC1lZDI1NTE5AAAAIJm0Zk3\n-----END OPENSSH PRIVATE KEY-----\n`
const options = { home: '/home/jane' }
for (const held of [password, key]) new Secret(held)

function textsIn(packed: Uint8Array): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(unzipSync(packed)).map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]),
  )
}

test('a secret that got into a file does not leave with it, whole or line by line; the rest does', () => {
  const files = [
    { name: 'progress.jsonl', text: `{"words":"it said ${password} and went on"}\n` },
    {
      name: 'notes.txt',
      text: 'AAAAC3NzaC1lZDI1NTE5AAAAIJm0Zk3\n-----END OPENSSH PRIVATE KEY-----\n/home/jane/tenants\n',
    },
  ]
  expect(textsIn(bundle(files, options))).toEqual({
    'progress.jsonl': '{"words":"it said [redacted] and went on"}\n',
    'notes.txt': '[redacted]\n-----END OPENSSH PRIVATE KEY-----\n~/tenants\n',
  })
})

test('the same files give the same bytes, in whatever order and at whatever time', () => {
  const [one, two] = [
    { name: 'a.txt', text: 'one' },
    { name: 'b.txt', text: 'two' },
  ]
  const first = bundle([one, two], options)
  expect(Buffer.from(bundle([two, one], options)).equals(Buffer.from(first))).toBe(true)
  // other files give other bytes
  expect(Buffer.from(bundle([one], options)).equals(Buffer.from(first))).toBe(false)
})
