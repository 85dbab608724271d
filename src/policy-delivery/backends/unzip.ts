import { isCandidate } from '../../policy/policyd.ts'
import { unzip } from '../../tenant/unzip.ts'

/** The only policy file in a zip; `undefined` if there is none, more than one, or too large a one, or it is no zip. */
export function zippedOverride(zip: Uint8Array): string | undefined {
  try {
    const [only, ...more] = unzip(zip, isCandidate)
    return only === undefined || more.length > 0 ? undefined : new TextDecoder().decode(only[1])
  } catch {
    return undefined
  }
}
