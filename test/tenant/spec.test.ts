import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { neverManaged, parseCloudFacts } from '../../src/tenant/cloud-facts.ts'
import { parseSpec } from '../../src/tenant/spec.ts'

const good = `version: 1
tenant: acme
cloud: lab
projects:
  - name: prod
    quotas:
      compute: { cores: 20, ram: 50 GiB }
    network: { cidr: 10.20.24.0/24 }
`

const recipient = 'age1k455gyhr0ld4ja92z0s34ng30nzd7r8k6swszn6khfrr4mh7k9lscscgy4'

function problemsOf(text: string): string[] {
  try {
    parseSpec('tenant.yaml', text)
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n')
    throw error
  }
  return []
}

test('the example is a good tenant', () => {
  const spec = parseSpec('tenant.yaml', readFileSync('examples/acme/tenant.yaml', 'utf8'))
  expect(spec.projects[0]?.quotas.compute).toEqual({ instances: 10, cores: 20, ram: 51200 })
  expect(spec.projects[0]?.quotas.block_storage?.gigabytes).toBe(1000)
  expect(spec.projects[0]?.template).toMatchObject({
    pin: 'required',
    network_driver: 'calico',
    master_lb_enabled: true,
  })
})

test.each([
  ['an unknown key', good.replace('cloud: lab', 'cloud: lab\nnetworks: x'), 'tenant.yaml:4:1: unknown key `networks`'],
  [
    'an unknown key below',
    good.replace('cidr:', 'cdir:'),
    'tenant.yaml:8:16: unknown key `projects.0.network.cdir` (did you mean `cidr`?)',
  ],
  [
    'a duplicate key',
    good.replace('cloud: lab', 'cloud: lab\ncloud: other'),
    'tenant.yaml:4:1: key `cloud` is defined twice in the same map',
  ],
  [
    'no prefix',
    good.replace('10.20.24.0/24', '10.20.24.0'),
    'tenant.yaml:8:22: `projects.0.network.cidr`: `10.20.24.0` is not an IPv4 prefix; write it like `10.20.24.0/24`',
  ],
  [
    'an octet too large',
    good.replace('10.20.24.0/24', '10.20.300.0/24'),
    'tenant.yaml:8:22: `projects.0.network.cidr`: `10.20.300.0/24` is not an IPv4 prefix: an octet is at most 255, a length at most 32',
  ],
  [
    'host bits',
    good.replace('10.20.24.0/24', '10.20.24.7/24'),
    'tenant.yaml:8:22: `projects.0.network.cidr`: `10.20.24.7/24` has host bits set; the prefix is `10.20.24.0/24`',
  ],
  [
    'an IPv6 prefix',
    good.replace('10.20.24.0/24', "'fd00::/64'"),
    'tenant.yaml:8:22: `projects.0.network.cidr`: `fd00::/64` is an IPv6 prefix, which is not supported yet; write an IPv4 one such as `10.20.24.0/24`',
  ],
  [
    'a quota without its unit',
    good.replace('50 GiB', '51200'),
    'tenant.yaml:7:34: `projects.0.quotas.compute.ram`: `51200` has no unit; write `51200 GiB` or `51200 MiB`',
  ],
  ['a missing key', good.replace('tenant: acme\n', ''), 'tenant.yaml:1:1: `tenant` is missing'],
  ['a broken document', 'version: 1\n  tenant: [', 'tenant.yaml:1:10: Nested mappings'],
  [
    'a cluster without a template',
    good + '    cluster: {}\n',
    'tenant.yaml:9:14: `projects.0.cluster`: a cluster needs a `template` beside it',
  ],
  [
    'a recipient with a typing mistake',
    `${good}handover:\n  recipient: ${recipient.slice(0, -1)}q\n`,
    'tenant.yaml:10:14: `handover.recipient`: this age recipient has a typing error or is cut off',
  ],
  [
    'the secret half in place of the recipient',
    `${good}handover:\n  recipient: AGE-SECRET-KEY-1QQQ\n`,
    'tenant.yaml:10:14: `handover.recipient`: this is an age identity, the secret half',
  ],
])('%s is a problem with its place', (_, text, message) => {
  expect(problemsOf(good)).toEqual([])
  expect(problemsOf(`${good}handover:\n  recipient: ${recipient}\n`)).toEqual([])
  expect(problemsOf(text).join()).not.toContain('SECRET-KEY-1QQQ')
  expect(problemsOf(text)).toContainEqual(expect.stringContaining(message))
})

test.each([
  ['', 'empty'],
  ['# only a comment\n', 'empty'],
  ['- version: 1\n', 'no mapping of keys to values'],
  ['tenant', 'no mapping of keys to values'],
])('%j is %s', (text, said) => {
  expect(() => parseSpec('tenant.yaml', text)).toThrow(
    `tenant.yaml:1: this file is ${said} (valid here: version, tenant,`,
  )
})

test('every problem of a file comes at once', () => {
  const text = good.replace('50 GiB', '50').replace('10.20.24.0/24', 'x').replace('cloud: lab', 'cloud: a/b\nfoo: 1')
  expect(problemsOf(text)).toHaveLength(4)
})

test('projects of one tenant must not overlap', () => {
  const second = '  - name: test\n    network: { cidr: 10.20.0.0/16 }\n'
  expect(problemsOf(good + second)).toEqual([
    'tenant.yaml: `projects.1.network.cidr`: 10.20.0.0/16 overlaps 10.20.24.0/24 of project `prod`',
  ])
  expect(problemsOf(good + second.replace('10.20.0.0/16', '10.21.0.0/16'))).toEqual([])
})

test.each(['Admin', ...neverManaged])('a cloud file never lets a manager grant %s', (role) => {
  const managing = (name: string): string => `version: 1\nmanaged_roles: [member, ${name}]\n`
  expect(parseCloudFacts('cloud.yaml', managing('reader')).managed_roles).toEqual(['member', 'reader'])
  expect(() => parseCloudFacts('cloud.yaml', managing(role))).toThrow(
    /managed_roles.1.*never be able to grant this role/,
  )
})

test('a value of the wrong kind is told by what to write, and not in the words of the schema library', () => {
  const wrong = `version: 1
tenant: 5
cloud: {}
projects:
  - name: prod
    quotas: { compute: { instances: 1.5 }, network: { network: -7 } }
    network: 5
    cluster: [1]
`
  const problems = problemsOf(wrong)
  expect(problems.join('\n')).not.toMatch(/invalid|expected|too small/i)
  expect(problems).toContain('tenant.yaml:2:9: `tenant`: write text')
  expect(problems).toContain('tenant.yaml:7:14: `projects.0.network`: write a mapping of keys to values')
  expect(problems.join('\n')).toMatch(/compute\.instances`: write a whole number/)
  expect(problems.join('\n')).toMatch(/network\.network`: write at least 0/)
  expect(problemsOf(good)).toEqual([])
})

test('a tab is told once a line, without what the reader guesses after it', () => {
  const problems = problemsOf(
    'version: 1\ntenant: a\n\tcloud: x\nprojects:\n  - name: x\n    quotas:\n\t  compute: {}\n',
  )
  expect(problems.length).toBeGreaterThan(0)
  for (const problem of problems) expect(problem).toContain('a tab is not allowed as indentation (write spaces)')
})
