import { z } from 'zod'
import { cloudFileSchema } from './cloud-facts.ts'
import { specSchema } from './spec.ts'

/** JSON Schemas (2020-12) of the files that people write, for editors. Each has an `$id`, so that others can refer to it. */
export function jsonSchemas(): Readonly<Record<'tenant' | 'cloud', unknown>> {
  return {
    tenant: named('tenant', z.toJSONSchema(specSchema, { io: 'input' })),
    cloud: named('cloud', z.toJSONSchema(cloudFileSchema, { io: 'input' })),
  }
}

/** `1` is the `version` of the file. */
function named(name: string, { $schema, ...schema }: Readonly<Record<string, unknown>>): unknown {
  return { $schema, $id: `urn:tenant-onboard:schema:${name}:1`, ...schema }
}
