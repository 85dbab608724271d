import { tokens } from '../report/tokens.ts'

/** The bundle of the pages, from `npm run build`, in dist/console. */
export type Assets = ReadonlyMap<string, Asset>
export type Asset = { readonly body: Uint8Array<ArrayBuffer>; readonly type: string }

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** The files of the pages, wherever they are. */
export type AssetFiles = {
  readonly names: readonly string[]
  readonly read: (name: string) => Promise<Uint8Array<ArrayBuffer>>
}

/** Reads them once, so that no address can name another file on the disk. */
export async function loadAssets({ names, read }: AssetFiles): Promise<Assets> {
  // reports have the same style
  const look = { body: new TextEncoder().encode(tokens), type: types['css'] ?? '' }
  const assets = new Map<string, Asset>([['tokens.css', look]])
  for (const name of names) {
    const type = types[name.split('.').at(-1) ?? '']
    if (type !== undefined) assets.set(name, { body: await read(name), type })
  }
  return assets
}
