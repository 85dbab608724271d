// One file that needs no Node: node scripts/binary.mjs, after `npm run build`. Node's own single executable application
// (nodejs.org/docs/latest-v20.x/api/single-executable-applications.html), made of the Node that runs this script. Writes
// dist/binary: the executable, a Debian package of it, an SBOM, and the checksums of all of them.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { inject } from 'postject'

const mostBytes = 120e6
const { version, description } = JSON.parse(readFileSync('package.json', 'utf8'))
const out = 'dist/binary'
const work = 'dist/binary-work'
for (const folder of [out, work]) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}

await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: `${work}/main.cjs`,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // optional parts of pg and of DBOS that nobody installs here
  external: ['pg-native', '@opentelemetry/*', 'winston', 'winston-transport'],
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'error',
  // only asked for where the program is not one file (src/cli/shipped.ts)
  logOverride: { 'empty-import-meta': 'silent' },
})

// what src/cli/shipped.ts reads, by the same names
const files = {
  'docs/findings.md': 'docs/findings.md',
  'examples/acme/tenant.yaml': 'examples/acme/tenant.yaml',
  ...Object.fromEntries(readdirSync('schema').map((name) => [`schema/${name}`, `schema/${name}`])),
  ...Object.fromEntries(readdirSync('dist/console').map((name) => [`console/${name}`, `dist/console/${name}`])),
}
writeFileSync(`${work}/index.json`, JSON.stringify(Object.keys(files)))
writeFileSync(
  `${work}/sea.json`,
  JSON.stringify({
    main: `${work}/main.cjs`,
    output: `${work}/sea.blob`,
    disableExperimentalSEAWarning: true,
    assets: { ...files, 'index.json': `${work}/index.json` },
  }),
)
const program = `${out}/tenant-onboard`
execFileSync(process.execPath, ['--experimental-sea-config', `${work}/sea.json`], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
copyFileSync(process.execPath, program)
chmodSync(program, 0o755)
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
await inject(program, 'NODE_SEA_BLOB', readFileSync(`${work}/sea.blob`), { sentinelFuse: fuse })
const { size } = statSync(program)
if (size > mostBytes) throw new Error(`${program} has ${size} bytes; ${mostBytes} is the most`)

const run = (...argv) => execFileSync(program, argv, { encoding: 'utf8' })
if (run('--version').trim() !== version) throw new Error(`${program} does not say that it is ${version}`)

// the Debian package: the executable with its manual pages and completions
const root = `${work}/deb`
const put = (path, content, mode = 0o644) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content, { mode })
}
put('usr/bin/tenant-onboard', readFileSync(program), 0o755)
mkdirSync(`${work}/man`)
run('man', '--all', `${work}/man`)
for (const name of readdirSync(`${work}/man`))
  put(`usr/share/man/man1/${name}.gz`, gzipSync(readFileSync(`${work}/man/${name}`), { level: 9 }))
put('usr/share/bash-completion/completions/tenant-onboard', run('completion', 'bash'))
put('usr/share/zsh/vendor-completions/_tenant-onboard', run('completion', 'zsh'))
put('usr/share/fish/vendor_completions.d/tenant-onboard.fish', run('completion', 'fish'))
put('usr/share/doc/tenant-onboard/copyright', readFileSync('LICENSE'))
put('usr/share/doc/tenant-onboard/changelog.gz', gzipSync(readFileSync('CHANGELOG.md'), { level: 9 }))
for (const name of readdirSync('schema')) put(`usr/share/tenant-onboard/schema/${name}`, readFileSync(`schema/${name}`))
cpSync('examples/acme', join(root, 'usr/share/doc/tenant-onboard/examples/acme'), { recursive: true })
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch
put(
  'DEBIAN/control',
  `Package: tenant-onboard
Version: ${version}
Architecture: ${architecture}
Maintainer: tenant-onboard developers <tenant-onboard@localhost>
Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1
Section: admin
Priority: optional
Installed-Size: ${Math.ceil(size / 1024)}
Description: ${description.replace(/\.$/, '')}
 One executable with its manual pages and completions. Needs no Node.
`,
)
const deb = `${out}/tenant-onboard_${version}_${architecture}.deb`
execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', root, deb], {
  stdio: ['ignore', 'ignore', 'inherit'],
})

// CycloneDX 1.5, of what is inside: the production packages of the lock file, and the Node that runs them. `npm sbom --omit dev` leaves
// out packages that a development package needs too.
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const libraries = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version: of, integrity, license }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const [algorithm, content = ''] = (integrity ?? '').split('-')
    return {
      type: 'library',
      name,
      version: of,
      purl: `pkg:npm/${name.replace('@', '%40')}@${of}`,
      ...(algorithm === 'sha512'
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(content, 'base64').toString('hex') }] }
        : {}),
      ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    }
  })
const { node } = process.versions
const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: { type: 'application', name: 'tenant-onboard', version, purl: `pkg:npm/tenant-onboard@${version}` },
  },
  components: [...libraries, { type: 'application', name: 'node', version: node, purl: `pkg:generic/node@${node}` }],
}
writeFileSync(`${out}/sbom.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`)

const sums = readdirSync(out)
  .sort()
  .map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex')
    return `${sum}  ${name}\n`
  })
writeFileSync(`${out}/SHA256SUMS`, sums.join(''))
rmSync(work, { recursive: true })
process.stdout.write(`${program}: ${(size / 1e6).toFixed(1)} MB; ${deb}\n`)
