// Writes schema/*.json, for editors, from the schemas that the program checks files with.
import { build } from 'esbuild'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'

const bundle = 'dist/json-schema.mjs'
await build({
  entryPoints: ['src/tenant/json-schema.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
})
const { jsonSchemas } = await import(pathToFileURL(bundle).href)
await rm(bundle)
await mkdir('schema', { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas())) {
  await writeFile(`schema/${name}.json`, `${JSON.stringify(schema, undefined, 2)}\n`)
}
