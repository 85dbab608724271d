// Makes src/policy/releases/rules/*.json: the rules that each release of Keystone registers in code, and the charm's base.
//
//   node scripts/releases.mjs FOLDER
//
// FOLDER holds one dump per release, `keystone-policies-<release>.json` ({name: {check_str, scope_types, operations,
// deprecated: {name, check_str}}}, made by scripts/dump-policies.py with that release installed), and the charm's
// `charm-keystone-rocky-policy.json.j2`. A release is stored as its differences from its ancestor, so the files are
// small and their diffs show what a release changed.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('usage: node scripts/releases.mjs FOLDER\n')
  process.exit(2)
}

const licence = 'Apache-2.0'
const releases = [
  { release: '2024.1', source: 'openstack/keystone unmaintained/2024.1, keystone/common/policies' },
  { release: '2024.2', ancestor: '2024.1', source: 'openstack/keystone 2024.2-eol, keystone/common/policies' },
  {
    release: '2025.1',
    ancestor: '2024.2',
    source: 'openstack/keystone stable/2025.1 (27.0.2), keystone/common/policies',
  },
  { release: 'zed', ancestor: '2024.1', source: 'openstack/keystone unmaintained/zed, keystone/common/policies' },
  {
    release: 'debian-22',
    ancestor: '2024.1',
    dump: 'debian-22.0.2-deb12u6',
    source: 'Debian 12 keystone 2:22.0.2-0+deb12u6, keystone/common/policies',
  },
  {
    release: 'debian-27',
    ancestor: '2025.1',
    dump: 'debian-27.0.0-deb13u5',
    source: 'Debian 13 keystone 2:27.0.0-3+deb13u5, keystone/common/policies',
  },
]

/** `GET /v3/x`, or several methods of one path in a dump without scripts/dump-policies.py. */
function requestsOf(operation) {
  const [, path, methods] = /^\{'path': '(.+)', 'method': \[(.+)\]\}$/.exec(operation) ?? []
  return path === undefined ? [operation] : methods.split(', ').map((method) => `${method.slice(1, -1)} ${path}`)
}

function ruleOf(name, dump) {
  const { check_str: check, scope_types: scopes, operations, deprecated } = dump
  const rule = { name, check }
  if (scopes !== null && scopes !== undefined) rule.scopes = scopes
  // most were only reworded, and keep their name
  if (deprecated) rule.was = deprecated.check_str
  if (deprecated && deprecated.name !== name) rule.wasNamed = deprecated.name
  if (operations) rule.operations = operations.flatMap(requestsOf)
  return rule
}

/** Only what differs from the ancestor's rule of that name; `null` if the ancestor has more. */
function difference(rule, ancestor) {
  const fields = new Set([...Object.keys(ancestor), ...Object.keys(rule)])
  const changed = [...fields].filter((key) => JSON.stringify(rule[key]) !== JSON.stringify(ancestor[key]))
  return { name: rule.name, ...Object.fromEntries(changed.map((key) => [key, rule[key] ?? null])) }
}

async function read(dump) {
  const rules = JSON.parse(await readFile(join(folder, `keystone-policies-${dump}.json`), 'utf8'))
  return new Map(
    Object.keys(rules)
      .sort()
      .map((name) => [name, ruleOf(name, rules[name])]),
  )
}

/** One rule per line, so that a diff names the rules that changed. */
async function write(file, header, rules) {
  const lines = rules.map((rule) => `    ${JSON.stringify(rule)}`)
  const head = Object.entries(header).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
  const text = `{\n${head.join('')}  "rules": [\n${lines.join(',\n')}\n  ]\n}\n`
  await writeFile(new URL(`../src/policy/releases/rules/${file}.json`, import.meta.url), text)
}

for (const { release, ancestor, dump, source } of releases) {
  const rules = await read(dump ?? release)
  const inherited = ancestor === undefined ? new Map() : await read(ancestor)
  const changed = [...rules.values()].map((rule) => difference(rule, inherited.get(rule.name) ?? {}))
  const removed = [...inherited.keys()].filter((name) => !rules.has(name))
  await write(
    release,
    { source, licence, release, ancestor: ancestor ?? null, removed },
    changed.filter((rule) => Object.keys(rule).length > 1),
  )
}

const template = await readFile(join(folder, 'charm-keystone-rocky-policy.json.j2'), 'utf8')
await write(
  'charm',
  { source: 'openstack/charm-keystone master de9baff, templates/rocky/policy.json', licence },
  Object.entries(JSON.parse(template)).map(([name, check]) => ({ name, check })),
)

// The keys that the enforcer put into its target, for test/policy/targets.test.ts, the objects' extra attributes
// included. A line reads `- GET /users -> identity:list_users [200]: {'target.domain_id': '<DOM>'}`.
const captured = {}
for (const [level, file] of [
  ['base', 'keystone-targets-2024.1-unpatched.txt'],
  ['ossa-2026-015', 'keystone-targets-2024.1-patched.txt'],
]) {
  const lines = (await readFile(join(folder, file), 'utf8')).split('\n')
  captured[level] = lines.flatMap((line) => {
    const [, request, action, target] = /^- (.+?) -> (\S+) \[\d+\]: \{(.*)\}$/.exec(line) ?? []
    if (target === undefined) return []
    return [{ request, action, keys: [...target.matchAll(/(?:^|, )'([^']+)': /g)].map((found) => found[1]) }]
  })
}
const places = Object.entries(captured).map(([level, requests]) => {
  const lines = requests.map((request) => `    ${JSON.stringify(request)}`)
  return `  ${JSON.stringify(level)}: [\n${lines.join(',\n')}\n  ]`
})
const fixture = new URL('../test/policy/golden/captured-targets.json', import.meta.url)
await writeFile(fixture, `{\n${places.join(',\n')}\n}\n`)
