/** Every expectation is what CPython 3.11 printed. */
import { describe, expect, test } from 'vitest'
import { formatPercent } from '../../src/policy/python/percent.ts'
import { RuleError, pythonFloat, repr, str } from '../../src/policy/python/value.ts'
import type { Value } from '../../src/policy/python/value.ts'

test.each<[Value, string]>([
  [null, 'None'],
  [true, 'True'],
  [5, '5'],
  [pythonFloat(5), '5.0'],
  [pythonFloat(-0), '-0.0'],
  [0.1, '0.1'],
  [1e-5, '1e-05'],
  [pythonFloat(1e22), '1e+22'],
  [pythonFloat(123456789012345680), '1.2345678901234568e+17'],
  [2n ** 70n, '1180591620717411303424'],
  [NaN, 'nan'],
  [['a', null, [1]], "['a', None, [1]]"],
  [{ k: "it's", 'q"': 'both \' and "' }, `{'k': "it's", 'q"': 'both \\' and "'}`],
  [['\u00ad\t\u2028\u{1f600}\ud800'], "['\\xad\\t\\u2028\u{1f600}\\ud800']"],
])('str() of value %# is what Python prints', (value, text) => {
  expect(str(value)).toBe(text)
})

test('a Map keeps the order of keys that look like numbers', () => {
  const dict = new Map([
    ['b', 1],
    ['1', 2],
  ])
  expect(repr(dict)).toBe("{'b': 1, '1': 2}")
})

describe('%', () => {
  test.each<[string, Value, string]>([
    ['%(v)s', 'x', 'x'],
    ['%(v)r', 'x', "'x'"],
    ['%(v)a', 'caf\u00e9', "'caf\\xe9'"],
    ['%(v)5s|', 'x', '    x|'],
    ['%(v)-5s|', 'x', 'x    |'],
    ['%(v).2s', 'xyz', 'xy'],
    ['%(v)05d', -7, '-0007'],
    ['%(v)+d', 7, '+7'],
    ['%(v) d', 7, ' 7'],
    ['%(v)-05d|', 7, '7    |'],
    ['%(v).3d', 7, '007'],
    ['%(v)#x', 255, '0xff'],
    ['%(v)#010X', 255, '0X000000FF'],
    ['%(v)o', true, '1'],
    ['%(v)d', 3.99, '3'],
    ['%(v).0f', 2.5, '2'],
    ['%(v)f', 1, '1.000000'],
    ['%(v).25f', 0.1, '0.1000000000000000055511151'],
    ['%(v)e', 12345.678, '1.234568e+04'],
    ['%(v)g', 1e-5, '1e-05'],
    ['%(v)G', 1e20, '1E+20'],
    ['%(v)#g', 1, '1.00000'],
    ['%(v).23e', 1e23, '9.99999999999999916113920e+22'],
    ['%(v)06f', -Infinity, '-00inf'],
    ['%(v)c', 97, 'a'],
    ['100%%', null, '100%'],
    ['%s', 'x', "{'v': 'x'}"],
    ['%(v)s %%s', 'x', 'x %s'],
    ['%(v)ls', 'x', 'x'],
  ])('%j formats as Python does (%#)', (template, value, text) => {
    expect(formatPercent(template, { v: value })).toBe(text)
  })

  test.each(['%', '%(v', '%(v)', '%(v)z', '%(v)5%', '%(v)d', '%(v)c', '%(v)x', '%s %s', '%(v)*d', '%(v)s %s'])(
    '%s raises',
    (template) => {
      expect(() => formatPercent(template, { v: 'text' })).toThrow(RuleError)
    },
  )

  test('a missing key hides the errors that stand after it, not those before', () => {
    expect(formatPercent('%(gone)s 100%', {})).toBeUndefined()
    expect(() => formatPercent('%z %(gone)s', {})).toThrow(RuleError)
  })
})
