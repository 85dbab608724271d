import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonSchemas } from '../../src/tenant/json-schema.ts'

test.each(['tenant', 'cloud'] as const)('schema/%s.json is what the program checks (npm run schema)', (name) => {
  expect(JSON.parse(readFileSync(`schema/${name}.json`, 'utf8'))).toEqual(jsonSchemas()[name])
})
