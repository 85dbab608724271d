import { unzipSync } from 'fflate'

const mostFiles = 200
const mostBytes = 16 << 20

/**
 * The files of a zip by name. Judges names and sizes before it unpacks a byte, because 1.5 MB may become 1.5 GB. Throws
 * an `Error` that says why not.
 */
export function unzip(
  zip: Uint8Array,
  isWanted: (name: string) => boolean = () => true,
): ReadonlyMap<string, Uint8Array> {
  let [files, bytes] = [0, 0]
  const unpacked = unzipSync(zip, {
    filter: ({ name, originalSize }) => {
      files++
      if (files > mostFiles) throw new Error(`the zip has more than ${mostFiles} files`)
      if (!isWanted(name)) return false
      bytes += originalSize
      if (bytes > mostBytes) throw new Error(`the files of the zip have more than ${mostBytes} bytes`)
      return true
    },
  })
  return new Map(Object.entries(unpacked))
}
