/** The program without the lines that keep one of its promises. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { expect } from 'vitest'

export type Edited = {
  readonly file: string
  /** Text of the file, and its replacement. */
  readonly edits: readonly (readonly [from: string, to: string])[]
}

/** Among the packages, since what it imports is found from there. Returns the path of the program. */
export async function buildWithout(
  { file, edits }: Edited,
  { entry, name }: { readonly entry: string; readonly name: string } = { entry: 'src/cli/main.ts', name: 'mutant' },
): Promise<string> {
  const outdir = resolve('node_modules/.cache', name)
  const path = resolve(file)
  let text = await readFile(path, 'utf8')
  for (const [from, to] of edits) {
    expect(text.split(from), `${file} has \`${from}\` once`).toHaveLength(2)
    text = text.replace(from, () => to)
  }
  await build({
    entryPoints: { 'tenant-onboard': entry },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins: [
      {
        name: 'mutant',
        setup(on) {
          on.onLoad({ filter: /\.ts$/ }, (asked) =>
            asked.path === path ? { contents: text, loader: 'ts' } : undefined,
          )
        },
      },
    ],
  })
  return join(outdir, 'tenant-onboard.js')
}
