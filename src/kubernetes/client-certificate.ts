/** The key and the certificate request of a cluster's user. The key is made here and never leaves this machine. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Secret } from '../secret.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** PKCS 8, PEM. */
export function generateClientKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

/**
 * Kubernetes knows its client by the subject; `openstack coe cluster config` uses `admin` of `system:masters`
 * (python-magnumclient 4.0.0, magnumclient/common/utils.py, generate_csr_and_key). Magnum signs any subject.
 */
export async function certificateRequest(key: Secret): Promise<string> {
  // loaded when a cluster is complete, because it is the slowest module to start
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  const { subtle } = webcrypto
  const pem = createPrivateKey(key.reveal())
  const privateDer = pem.export({ type: 'pkcs8', format: 'der' })
  const publicDer = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  const [privateKey, publicKey] = await Promise.all([
    subtle.importKey('pkcs8', privateDer, algorithm, false, ['sign']),
    subtle.importKey('spki', publicDer, algorithm, true, ['verify']),
  ])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['admin'] }, { O: ['system:masters'] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
  })
  return request.toString('pem')
}

/** `expires` is ISO, and empty for something that is no certificate. */
export type CertificateJudgement = { readonly isUsable: boolean; readonly because: string; readonly expires: string }

/** Is the certificate for this key, by this CA, and valid until `until`? */
export function judgeCertificate(certificate: string, key: Secret, ca: string, until: Date): CertificateJudgement {
  const [own, issuer] = [certificateOf(certificate), certificateOf(ca)]
  if (own === undefined) return { isUsable: false, because: 'it is no certificate', expires: '' }
  const expires = new Date(own.validTo).toISOString()
  const no = (because: string): CertificateJudgement => ({ isUsable: false, because, expires })
  if (issuer === undefined) return no('the CA of the cluster is no certificate')
  const mine = keyOf(key)
  if (mine === undefined) return no('the key is damaged')
  if (!own.checkPrivateKey(mine)) return no('it is for another key')
  if (!own.verify(issuer.publicKey)) return no('another CA has signed it')
  if (Date.parse(own.validTo) < until.getTime()) return no(`it expires on ${expires.slice(0, 10)}`)
  return { isUsable: true, because: 'it is for our key, and signed by the CA of the cluster', expires }
}

/** `undefined` for a text that is none: a file may be damaged. */
function keyOf(key: Secret): KeyObject | undefined {
  try {
    return createPrivateKey(key.reveal())
  } catch {
    return undefined
  }
}

/** Whether a certificate can be asked for with this key: it is whole, and of the kind that we make. */
export function isClientKey(key: Secret): boolean {
  const found = keyOf(key)
  return found?.asymmetricKeyType === 'ec' && found.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

/** `undefined` for a text that is none: clouds answer with anything, and a file may be damaged. */
function certificateOf(pem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem)
    // a certificate may be whole and its key or its dates not
    const dates = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date))
    return certificate.publicKey.type === 'public' && !dates.some(Number.isNaN) ? certificate : undefined
  } catch {
    return undefined
  }
}
