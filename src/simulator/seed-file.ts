/** A seed file of a person: the fields of `Seed`, in YAML or JSON. */
import { z } from 'zod'
import { FAULTS, isFaultName } from './faults.ts'
import { isPresetName, PRESETS } from './presets.ts'
import { parseYamlFile } from '../yaml-file.ts'
import { SERVICE_TYPES } from './world.ts'
import type { Seed } from './seed.ts'

const grant = z.strictObject({
  role: z.string(),
  project: z.string().exactOptional(),
  domain: z.union([z.literal(true), z.string()]).exactOptional(),
  system: z.literal(true).exactOptional(),
  isInherited: z.literal(true).exactOptional(),
})

const user = z.strictObject({
  name: z.string(),
  password: z.string().exactOptional(),
  description: z.string().exactOptional(),
  grants: z.array(grant).exactOptional(),
})

const project = z.union([z.string(), z.strictObject({ name: z.string(), description: z.string().exactOptional() })])

const domain = z.strictObject({
  name: z.string(),
  description: z.string().exactOptional(),
  enabled: z.boolean().exactOptional(),
  ldap: z.enum(['file', 'api']).exactOptional(),
  projects: z.array(project).exactOptional(),
  users: z.array(user).exactOptional(),
})

const requestFault = z.strictObject({
  kind: z.enum(['answer', 'answer-after-effect', 'lost-answer', 'unreachable', 'slow', 'token-expired']),
  service: z.enum(SERVICE_TYPES).exactOptional(),
  method: z.string().exactOptional(),
  path: z.string().exactOptional(),
  times: z.number().int().positive().exactOptional(),
  after: z.number().int().nonnegative().exactOptional(),
  status: z.number().int().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  body: z.unknown().exactOptional(),
  ms: z.number().nonnegative().exactOptional(),
})

const schema = z.strictObject({
  version: z.literal(1),
  preset: z
    .string()
    .refine(isPresetName, { error: `one of ${Object.keys(PRESETS).join(', ')}` })
    .exactOptional(),
  release: z.string().exactOptional(),
  base: z.union([z.enum(['default', 'charm']), z.strictObject({ file: z.string(), text: z.string() })]).exactOptional(),
  isPersonaBuilt: z.boolean().exactOptional(),
  magnum: z.enum(['2026.1', '2026.2']).exactOptional(),
  magnumDriver: z.enum(['heat', 'capi-helm']).exactOptional(),
  capiHelm: z.enum(['1.2', '1.4']).exactOptional(),
  hasUnifiedLimits: z.boolean().exactOptional(),
  overrides: z.array(z.string()).exactOptional(),
  faults: z
    .array(
      z.union([z.string().refine(isFaultName, { error: `one of ${Object.keys(FAULTS).join(', ')}` }), requestFault]),
    )
    .exactOptional(),
  securityCompliance: z
    .strictObject({
      password_regex: z.string().exactOptional(),
      password_regex_description: z.string().exactOptional(),
      change_password_upon_first_use: z.boolean().exactOptional(),
      password_expires_days: z.number().int().nonnegative().exactOptional(),
      minimum_password_age: z.number().int().nonnegative().exactOptional(),
      unique_last_password_count: z.number().int().nonnegative().exactOptional(),
    })
    .exactOptional(),
  domains: z.array(domain).exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  images: z
    .array(
      z.strictObject({
        name: z.string(),
        visibility: z.enum(['public', 'private', 'shared', 'community']).exactOptional(),
        properties: z.record(z.string(), z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
  flavors: z
    .array(
      z.strictObject({
        name: z.string(),
        vcpus: z.number().int().positive(),
        ram: z.number().int().positive(),
        disk: z.number().int().nonnegative().exactOptional(),
        isPublic: z.boolean().exactOptional(),
      }),
    )
    .exactOptional(),
  externalPool: z.strictObject({ start: z.ipv4(), end: z.ipv4() }).exactOptional(),
})

export function parseSeed(text: string, file: string): Seed {
  const { version: _version, ...seed } = parseYamlFile(file, text, schema)
  return seed
}
