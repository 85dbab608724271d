// Makes src/policy/releases/rules/charm.json, and the targets of test/policy/golden/captured-targets.json, from files that
// somebody captured. The rules of Keystone's releases are made by scripts/keystone-rules.py.
//
//   node scripts/captured.mjs FOLDER
//
// FOLDER holds the charm's `charm-keystone-rocky-policy.json.j2` and `keystone-targets-2024.1-(un)patched.txt`.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('usage: node scripts/captured.mjs FOLDER\n')
  process.exit(2)
}

const template = await readFile(join(folder, 'charm-keystone-rocky-policy.json.j2'), 'utf8')
const rules = Object.entries(JSON.parse(template)).map(([name, check]) => ({ name, check }))
const head = { source: 'openstack/charm-keystone master de9baff, templates/rocky/policy.json', licence: 'Apache-2.0' }
const heads = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
// one rule per line, so that a diff names the rules that changed
const body = rules.map((rule) => `    ${JSON.stringify(rule)}`).join(',\n')
await writeFile(
  new URL('../src/policy/releases/rules/charm.json', import.meta.url),
  `{\n${heads.join('')}  "rules": [\n${body}\n  ]\n}\n`,
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
