import { z } from 'zod'
import { cloudFileSchema } from './cloud-facts.ts'
import { specSchema } from './spec.ts'

/** JSON Schemas (2020-12) of the files that people write, for editors. */
export function jsonSchemas(): Readonly<Record<'tenant' | 'cloud', unknown>> {
  return {
    tenant: z.toJSONSchema(specSchema, { io: 'input' }),
    cloud: z.toJSONSchema(cloudFileSchema, { io: 'input' }),
  }
}
