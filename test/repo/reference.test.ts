import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { jsonSchemas } from '../../src/tenant/json-schema.ts'
import { contextForHelp } from '../cli/help-context.ts'
import { commandsPage, schemaPage } from './reference.ts'

test('docs/reference/commands.md is what the commands are', async () => {
  const page = await commandsPage(createProgram(contextForHelp, () => undefined))
  await expect(page).toMatchFileSnapshot('../../docs/reference/commands.md')
})

test('docs/reference/tenant-yaml.md is what the schema is', async () => {
  const about = 'What a tenant gets. `init` writes one, and examples/acme/tenant.yaml is one.'
  const page = await schemaPage('tenant.yaml', about, jsonSchemas().tenant)
  await expect(page).toMatchFileSnapshot('../../docs/reference/tenant-yaml.md')
})

test('docs/reference/cloud-yaml.md is what the schema is', async () => {
  const about =
    'Facts about a cloud: `~/tenant-onboard/CLOUD/cloud.yaml`. The file may be absent. It begins with `version: 1`; every other key is optional.'
  const page = await schemaPage('cloud.yaml', about, jsonSchemas().cloud)
  await expect(page).toMatchFileSnapshot('../../docs/reference/cloud-yaml.md')
})
