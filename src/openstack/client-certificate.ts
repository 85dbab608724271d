/** The client's own certificate, read and checked before the first call, because a later TLS alert says much less. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { InputError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { withoutCertificate } from './ca.ts'

/** Absolute. Without a key file the key is in the file of the certificate, as requests takes it. */
export type ClientFiles = { readonly certificateFile: string; readonly keyFile?: string }

/** In PEM; a certificate may be followed by those between it and its CA. */
export type ClientCertificate = { readonly certificate: string; readonly key: Secret }

/** Throws `InputError` for files that no server would accept. */
export async function readClientCertificate(
  { certificateFile, keyFile = certificateFile }: ClientFiles,
  from: { readonly readText: (path: string) => Promise<string | undefined>; readonly now: Date },
): Promise<ClientCertificate> {
  const refuse = (file: string, message: string, hint: string): InputError => new InputError([{ file, message, hint }])
  const read = async (file: string, what: string): Promise<Secret> => {
    const text = await from.readText(file)
    if (text === undefined)
      throw refuse(file, `the client's ${what} cannot be read`, 'check that it exists and that you may read it')
    return new Secret(text, 'file')
  }
  const certificateText = (await read(certificateFile, 'certificate')).reveal()
  const certificates = certificateText.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  const key = (await read(keyFile, 'key'))
    .reveal()
    .match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]+-----/)
  if (certificates === null) throw new InputError([{ file: certificateFile, ...withoutCertificate(certificateText) }])
  if (key === null)
    throw refuse(
      keyFile,
      'this file has no private key without a passphrase',
      'name its file as `key` in clouds.yaml; `openssl pkey -in KEY -out NEW` removes a passphrase',
    )
  const own = certificateOf(certificates[0])
  const privateKey = keyOf(key[0])
  if (own === undefined)
    throw refuse(certificateFile, 'this certificate cannot be parsed', 'was it cut off when it was copied?')
  if (privateKey === undefined)
    throw refuse(
      keyFile,
      'this private key cannot be parsed, or has a passphrase',
      '`openssl pkey -in KEY -out NEW` removes a passphrase',
    )
  if (!own.checkPrivateKey(privateKey))
    throw refuse(
      keyFile,
      `this key is not that of the first certificate in ${certificateFile}`,
      'name the key that belongs to it',
    )
  if (from.now.getTime() > Date.parse(own.validTo))
    throw refuse(
      certificateFile,
      `the client's certificate expired on ${new Date(own.validTo).toISOString().slice(0, 10)}`,
      'get a new one, or correct the clock',
    )
  return { certificate: `${certificates.join('\n')}\n`, key: new Secret(key[0], 'file') }
}

function certificateOf(pem: string | undefined): X509Certificate | undefined {
  try {
    return new X509Certificate(pem ?? '')
  } catch {
    return undefined
  }
}

function keyOf(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
