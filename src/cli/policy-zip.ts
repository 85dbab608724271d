/** A zip for the charm's resource `policyd-override`, read as Python's zipfile and PyYAML do. */
import { resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { InputError } from '../errors.ts'
import type { ZipEntry } from '../policy/policyd.ts'
import { readInputBytes } from '../tenant/input-file.ts'
import { unzip } from '../tenant/unzip.ts'
import type { CommandContext } from './context.ts'

/**
 * - `refused`: the charm cannot read it either
 * - `unknown`: this program cannot, and the charm may
 */
export type PolicyZip =
  | { readonly kind: 'files'; readonly entries: readonly ZipEntry[] }
  | { readonly kind: 'refused' | 'unknown'; readonly reason: string }

/** `undefined` if the file is no zip. Throws InputError for a file that is missing. */
export async function readPolicyZip(file: string, io: Pick<CommandContext, 'cwd'>): Promise<PolicyZip | undefined> {
  const bytes = await readInputBytes(resolve(io.cwd, file), { shown: file })
  if (bytes === undefined) throw new InputError(`cannot read \`${file}\`: it is missing, or you may not read it`)
  const isZip = file.endsWith('.zip') || (bytes[0] === 0x50 && bytes[1] === 0x4b)
  return isZip ? zipIn(bytes) : undefined
}

function zipIn(bytes: Uint8Array): PolicyZip {
  const records = directoryOf(bytes)
  if (records === undefined) return { kind: 'refused', reason: 'it is not a zip' }
  const names = records.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return { kind: 'refused', reason: `\`${twice}\` is in the zip twice` }
  const closed = records.find(({ isEncrypted }) => isEncrypted)
  if (closed !== undefined) return { kind: 'refused', reason: `\`${closed.name}\` is encrypted` }
  const odd = records.find(({ method }) => method !== 0 && method !== 8)
  if (odd !== undefined)
    return { kind: 'unknown', reason: `\`${odd.name}\` is compressed by method ${odd.method}, which is not read here` }
  try {
    const files = unzip(bytes, (name) => !name.endsWith('/'))
    const entries: ZipEntry[] = []
    for (const [path, content] of files) {
      const record = records.find(({ name }) => name === path)
      if (record !== undefined && crc32(content) !== record.crc)
        return { kind: 'refused', reason: `\`${path}\` is damaged: its checksum is wrong` }
      const text = textOf(content)
      if (text === undefined) return { kind: 'refused', reason: `\`${path}\` is neither UTF-8 nor UTF-16` }
      entries.push({ path, text })
    }
    return { kind: 'files', entries }
  } catch (error) {
    return {
      kind: 'unknown',
      reason: `it cannot be read here: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

type DirectoryRecord = {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly isEncrypted: boolean
}

/** The central directory. PKWARE, APPNOTE.TXT 6.3.10, 4.3.12 and 4.3.16. */
function directoryOf(bytes: Uint8Array): readonly DirectoryRecord[] | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = view.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end < 0 || end + 22 > view.length) return undefined
  const count = view.readUInt16LE(end + 10)
  // what stands before the zip moves its offsets
  let at = end - view.readUInt32LE(end + 12)
  const records: DirectoryRecord[] = []
  for (let index = 0; index < count; index++) {
    if (at < 0 || at + 46 > view.length || view.readUInt32LE(at) !== 0x02014b50) return undefined
    const size = view.readUInt16LE(at + 28)
    records.push({
      name: view.toString('utf8', at + 46, at + 46 + size),
      method: view.readUInt16LE(at + 10),
      crc: view.readUInt32LE(at + 16),
      isEncrypted: (view.readUInt16LE(at + 8) & 1) === 1,
    })
    at += 46 + size + view.readUInt16LE(at + 30) + view.readUInt16LE(at + 32)
  }
  return records
}

/** PyYAML takes UTF-16 with its mark, and UTF-8. yaml/reader.py, determine_encoding. */
function textOf(content: Uint8Array): string | undefined {
  const [first, second] = content
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(content)
  } catch {
    return undefined
  }
}
