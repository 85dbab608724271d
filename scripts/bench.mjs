// Bundles one benchmark and runs it: node scripts/bench.mjs policy
import { build } from 'esbuild'
import { pathToFileURL } from 'node:url'

const name = process.argv[2]
if (name === undefined) {
  process.stderr.write('usage: node scripts/bench.mjs NAME, for bench/NAME.ts\n')
  process.exit(2)
}
const outfile = `node_modules/.cache/bench/${name}.mjs`
await build({
  entryPoints: [`bench/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
await import(pathToFileURL(outfile).href)
