// The types of the library, beside its bundles: dist/types. Runs before a package is made: npm run build:types.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = 'dist/types'
rmSync(folder, { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' })

// names of packages are types; the rules themselves are in the bundle
const packages = Object.keys(JSON.parse(readFileSync('src/policy/releases/rules/packages.json', 'utf8')))
const names = `declare const packages: { ${packages.map((name) => `${JSON.stringify(name)}: unknown`).join('; ')} };`

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = join(entry.parentPath, entry.name)
  const text = readFileSync(file, 'utf8')
    .replace(/^import packages from '.*packages\.json';$/m, names)
    // a user's compiler looks for the .d.ts beside a .js, whatever its options are
    .replace(/((?:from|import\() ?'\.[^']*)\.ts(')/g, '$1.js$2')
  writeFileSync(file, text)
}
