// Bundles the command line (one small start file, everything else in chunks that are loaded when needed), the library
// beside it, and the pages of the console: node scripts/build.mjs [FOLDER], dist by itself.
import { build } from 'esbuild'
import { copyFile, rm } from 'node:fs/promises'

// `exports` of package.json
const library = ['onboarding', 'policy', 'simulator', 'openstack']

const outdir = process.argv[2] ?? 'dist'
await rm(outdir, { recursive: true, force: true })
await Promise.all([
  build({
    entryPoints: {
      'tenant-onboard': 'src/cli/main.ts',
      ...Object.fromEntries(library.map((part) => [`library/${part}`, `src/library/${part}.ts`])),
    },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    sourcemap: 'linked',
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  }),
  build({
    entryPoints: {
      main: 'src/console/web/main.tsx',
      'policy-worker': 'src/console/web/policy-worker.ts',
      style: 'src/console/web/style/main.css',
    },
    outdir: `${outdir}/console`,
    bundle: true,
    splitting: true,
    platform: 'browser',
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    charset: 'ascii',
    legalComments: 'eof',
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
  }),
])
await copyFile('src/console/web/icon.svg', `${outdir}/console/icon.svg`)
