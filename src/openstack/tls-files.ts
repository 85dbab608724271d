/**
 * The files that an entry of clouds.yaml names for TLS. A fault of one of them is told with the key and the entry that name it:
 * a path alone does not say where to correct it.
 */
import { InputError } from '../errors.ts'
import { readCa } from './ca.ts'
import { readClientCertificate } from './client-certificate.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { placeOf } from './clouds.ts'
import type { CloudConfig } from './clouds.ts'
import type { ReadText } from './clouds-yaml.ts'

export type TlsFiles = {
  /** PEM, where the entry names a CA. */
  readonly ca: string | undefined
  readonly identity: ClientCertificate | undefined
}

/** Throws `InputError` for files that no connection can be made with. */
export async function readTlsFiles(
  config: CloudConfig,
  from: { readonly readText: ReadText; readonly now: Date },
): Promise<TlsFiles> {
  const { caFile, caKey = 'cacert', client } = config
  const named = (file: string | undefined): string => {
    const key = file === caFile ? caKey : file === client?.keyFile ? 'key' : 'cert'
    return `\`${key}\` of ${placeOf(config)}`
  }
  try {
    return {
      ca: caFile === undefined ? undefined : await readCa(caFile, from),
      identity: client === undefined ? undefined : await readClientCertificate(client, from),
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(
      error.problems.map((problem) => ({ ...problem, message: `${problem.message}; it is ${named(problem.file)}` })),
      { cause: error },
    )
  }
}
