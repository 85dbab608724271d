import { expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { checkCa, readCa } from '../../src/openstack/ca.ts'
import { createAuthority, createServerCertificate } from './certificates.ts'
import { failure } from './fake.ts'

const now = new Date()

test('a CA that is good is returned as it is', async () => {
  const ca = await createAuthority()
  expect(checkCa(`# our CA\n${ca.pem}\n`, 'ca.pem', now).trim()).toBe(ca.pem.trim())
})

test('a CA that cannot be read, and one that can', async () => {
  const error = await failure(readCa('/none.pem', { readText: () => Promise.resolve(undefined), now }))
  expect(error).toBeInstanceOf(InputError)
  expect(String(error)).toContain('/none.pem: the CA cannot be read')
  const ca = await createAuthority()
  await expect(readCa('ca.pem', { readText: () => Promise.resolve(ca.pem), now })).resolves.toContain(
    'BEGIN CERTIFICATE',
  )
})

test.each([
  ['', 'this file is empty'],
  ['hello\n', 'this file has no certificate'],
  ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'this file has no certificate'],
  ['\n\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'ca.pem:3: this certificate cannot be parsed'],
])('text that is no certificate is refused with its place: %j', (text, message) => {
  expect(() => checkCa(text, 'ca.pem', now)).toThrow(message)
})

test('the certificate of a server is not a CA', async () => {
  const ca = await createAuthority()
  const { cert } = await createServerCertificate(ca, { type: 'dns', value: 'keystone.acme.example' })
  expect(() => checkCa(cert, 'ca.pem', now)).toThrow(
    'the certificate of `CN=keystone.acme.example` is not a CA (give the certificate that signed it)',
  )
  const leaf = await createAuthority({ isCa: false })
  expect(() => checkCa(leaf.pem, 'ca.pem', now)).toThrow('is not a CA')
})

test('an expired CA and one that is not valid yet are distinguished', async () => {
  const expired = await createAuthority({ days: -1, name: 'CN=Old CA' })
  expect(() => checkCa(expired.pem, 'ca.pem', now)).toThrow(/the CA `CN=Old CA` expired on \d{4}-\d\d-\d\d/)
  const good = await createAuthority()
  expect(() => checkCa(good.pem, 'ca.pem', new Date(now.getTime() - 20 * 86_400_000))).toThrow('is not valid before')
})

test('of a bundle, what is good is taken; when nothing is, every fault is told', async () => {
  const expired = await createAuthority({ days: -1 })
  const good = await createAuthority()
  const leaf = await createAuthority({ isCa: false })
  expect(checkCa(`${expired.pem}\n${good.pem}\n${leaf.pem}`, 'ca.pem', now).match(/BEGIN/g)).toHaveLength(1)
  const error = await failure(Promise.resolve().then(() => checkCa(`${expired.pem}\n${leaf.pem}`, 'ca.pem', now)))
  expect(error instanceof InputError ? error.problems : []).toHaveLength(2)
})
