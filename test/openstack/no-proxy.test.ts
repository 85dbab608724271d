import { expect, test } from 'vitest'
import { isBypassed } from '../../src/openstack/no-proxy.ts'

test.each([
  ['https://keystone.acme.example:5000', '', false],
  ['https://keystone.acme.example:5000', '*', true],
  ['https://keystone.acme.example:5000', 'acme.example', true],
  ['https://keystone.acme.example:5000', '.acme.example', true],
  ['https://keystone.acme.example:5000', '*.acme.example', true],
  ['https://keystone.acme.example:5000', 'ACME.example', true],
  ['https://keystone.notacme.example:5000', 'acme.example', false],
  ['https://acme.example', 'acme.example:443', true],
  ['https://acme.example:5000', 'acme.example:443', false],
  ['https://acme.example:5000', 'other.example, acme.example:5000', true],
  ['https://10.20.30.40:5000', '10.20.0.0/16', true],
  ['https://10.21.30.40:5000', '10.20.0.0/16', false],
  ['https://10.20.30.40:5000', '10.20.30.40', true],
  ['https://10.20.30.40:5000', '0.40', false],
  ['https://10.20.30.40:5000', '10.20.0.0/99', false],
  ['https://[2001:db8::1]:5000', '2001:db8::/32', true],
  ['https://[2001:db8::1]:5000', '2001:db8::1', true],
  ['https://localhost:5000', 'localhost,127.0.0.1', true],
])('%s with NO_PROXY `%s` goes direct: %s', (url, noProxy, isDirect) => {
  expect(isBypassed(new URL(url), noProxy)).toBe(isDirect)
})
