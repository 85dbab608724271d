/**
 * Real certificates: those of a cluster, and the simulator's own if it is served by TLS. Magnum makes RSA keys; these
 * are P-256, because every cluster needs four. magnum 15.0.1, magnum/common/x509/operations.py.
 */
import { webcrypto } from 'node:crypto'
import { Refusal } from './refusal.ts'
import type * as X509 from '@peculiar/x509'
import type { World } from './world.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const FIVE_YEARS_MS = 5 * 365 * 24 * 3600 * 1000

/** Time and random bytes, which make certificates differ. */
type Issuer = Pick<World, 'now' | 'ids'>

/** A certificate and its key, in PEM. */
export type Authority = { readonly certificate: string; readonly privateKey: string }

/** Loaded with the first cluster, because it is the slowest module to start. */
async function load(): Promise<typeof X509> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  return x509
}

function lifetime(issuer: Issuer): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = issuer.now()
  return { notBefore: new Date(now - 24 * 3600 * 1000), notAfter: new Date(now + FIVE_YEARS_MS) }
}

function serialOf(issuer: Issuer): string {
  const [first = 1, ...rest] = issuer.ids.bytes(16)
  return Buffer.from([first & 0x7f || 1, ...rest]).toString('hex')
}

export async function makeAuthority(issuer: Issuer, name: string): Promise<Authority> {
  const x509 = await load()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialOf(issuer),
    name: `CN=${name}`,
    ...lifetime(issuer),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: certificate.toString('pem'), privateKey: x509.PemConverter.encode(exported, 'PRIVATE KEY') }
}

/** Signs a client's request, and keeps its subject: `CN=admin, O=system:masters` is the user of `kubectl`. */
export async function signRequest(issuer: Issuer, authority: Authority, csr: string): Promise<string> {
  const x509 = await load()
  const request = readRequest(x509, csr)
  const [der] = x509.PemConverter.decode(authority.privateKey)
  const signer = new x509.X509Certificate(authority.certificate)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), ALGORITHM, false, ['sign'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialOf(issuer),
    subject: request.subject,
    issuer: signer.subject,
    ...lifetime(issuer),
    publicKey: request.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: request.extensions,
  })
  return certificate.toString('pem')
}

function readRequest(x509: typeof X509, csr: string): X509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csr)
  } catch {
    throw new Refusal(400, `Received invalid csr b'${csr}'.`)
  }
}

/** For a server with these names and addresses. */
export async function issueServerCertificate(
  issuer: Issuer,
  authority: Authority,
  hosts: { readonly names: readonly string[]; readonly addresses: readonly string[] },
): Promise<Authority> {
  const x509 = await load()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const signer = new x509.X509Certificate(authority.certificate)
  const [der] = x509.PemConverter.decode(authority.privateKey)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), ALGORITHM, false, ['sign'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialOf(issuer),
    subject: `CN=${hosts.names[0] ?? 'localhost'}`,
    issuer: signer.subject,
    ...lifetime(issuer),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...hosts.names.map((value) => ({ type: 'dns' as const, value })),
        ...hosts.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer),
    ],
  })
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: certificate.toString('pem'), privateKey: x509.PemConverter.encode(exported, 'PRIVATE KEY') }
}
