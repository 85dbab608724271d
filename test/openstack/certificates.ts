import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 86_400_000

export type Authority = { readonly pem: string; readonly keys: webcrypto.CryptoKeyPair; readonly name: string }

/** A CA of our own, valid from yesterday until `days` from now; negative days make one that has expired. */
export async function createAuthority(
  options: { readonly days?: number; readonly isCa?: boolean; readonly name?: string } = {},
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const name = options.name ?? 'CN=Test CA'
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    notBefore: new Date(Date.now() - 10 * day),
    notAfter: new Date(Date.now() + (options.days ?? 10) * day),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(options.isCa ?? true, undefined, true)],
  })
  return { pem: certificate.toString('pem'), keys, name }
}

/** A server's key and certificate in PEM, for `host`. */
export async function createServerCertificate(
  authority: Authority,
  host: { readonly type: 'dns' | 'ip'; readonly value: string },
  days = 10,
): Promise<{ readonly key: string; readonly cert: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${host.value}`,
    issuer: authority.name,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    notBefore: new Date(Date.now() - 20 * day),
    notAfter: new Date(Date.now() + days * day),
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([host])],
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
  return { key, cert: certificate.toString('pem') }
}
