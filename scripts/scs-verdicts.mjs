// Records the results of the real scs-0302 suite on the lab: node scripts/scs-verdicts.mjs FOLDER, see
// test/lab/scs-verdicts.ts
import { build } from 'esbuild'
import { pathToFileURL } from 'node:url'

const outfile = 'node_modules/.cache/scs-verdicts.mjs'
await build({
  entryPoints: ['test/lab/scs-verdicts.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
await import(pathToFileURL(outfile).href)
