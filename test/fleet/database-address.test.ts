import { expect, test } from 'vitest'
import { databaseAddress } from '../../src/fleet/database/address.ts'
import { openFleet, small } from './fleet-test-bed.ts'

test('an address with user, host and database is taken', () => {
  expect(databaseAddress('postgres://fleet@db.test/fleet')).toBe('postgres://fleet@db.test/fleet')
  expect(databaseAddress('postgresql://fleet@db.test:5433/fleet?sslmode=require')).toContain('sslmode=require')
})

test.each([
  ['postgres://fleet@db.test', 'lacks a database'],
  ['postgres://db.test/fleet', 'lacks a user'],
  ['mysql://fleet@db.test/fleet', 'is not an address of a database'],
  ['fleet', 'is not an address of a database'],
])('%s is refused: it %s', (text, because) => {
  expect(() => databaseAddress(text)).toThrow(because)
})

test.each([
  'postgres://fleet:hunter2@db.test/fleet',
  'postgres://fleet@db.test/fleet?password=hunter2',
  'x://a:hunter2@',
])('a password in the command line is refused, and not repeated', async (address) => {
  const bed = await openFleet(['east'])
  await bed.add('a.yaml', small('ant', 'east'))
  for (const command of [['apply', 'fleet', '--yes'], ['worker'], ['cancel', 'fleet']]) {
    const { code, out, err } = await bed.run('fleet', ...command, '--database', address)
    expect(code).toBe(2)
    expect(err).toContain('`--database`')
    expect(out + err).not.toContain('hunter2')
  }
  expect(bed.sent).toEqual([])
  await bed.remove()
})
