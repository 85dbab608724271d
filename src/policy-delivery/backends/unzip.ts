import { unzipSync } from 'fflate'
import { isCandidate } from '../../policy/policyd.ts'

/** The only policy file in a zip; `undefined` if there is none, or more than one, or it is not a zip. */
export function zippedOverride(zip: Uint8Array): string | undefined {
  try {
    const files = Object.entries(unzipSync(zip)).filter(([path]) => isCandidate(path))
    const [only, ...more] = files
    return only === undefined || more.length > 0 ? undefined : new TextDecoder().decode(only[1])
  } catch {
    return undefined
  }
}
