/** The cloud's CA, read and checked before the first call, because a later TLS error says much less. */
import { X509Certificate } from 'node:crypto'
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'

/**
 * Reads a file of PEM certificates and returns those that are a CA and valid now. Throws `InputError` if there are
 * none.
 */
export async function readCa(
  file: string,
  from: { readonly readText: (path: string) => Promise<string | undefined>; readonly now: Date },
): Promise<string> {
  const text = await from.readText(file)
  if (text === undefined)
    throw new InputError([
      { file, message: 'the CA cannot be read', hint: 'check that it exists and that you may read it' },
    ])
  return checkCa(text, file, from.now)
}

export function checkCa(text: string, file: string, now: Date): string {
  const blocks = [
    ...text.matchAll(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g),
  ]
  if (blocks.length === 0) throw new InputError([{ file, ...withoutCertificate(text) }])
  const good: string[] = []
  const problems: Problem[] = []
  for (const block of blocks) {
    const line = text.slice(0, block.index).split('\n').length
    const fault = faultOf(block[0], now)
    if (fault === undefined) good.push(block[0])
    else problems.push({ file, line, ...fault })
  }
  // a bundle may have expired certificates or the server's own beside the needed CA
  if (good.length === 0) throw new InputError(problems)
  return `${good.join('\n')}\n`
}

/** What is said of a text in which there is none. */
export function withoutCertificate(text: string): Pick<Problem, 'message' | 'hint'> {
  const message = text.trim() === '' ? 'this file is empty' : 'this file has no certificate'
  return { message, hint: 'a PEM file, `-----BEGIN CERTIFICATE-----`' }
}

function faultOf(pem: string, now: Date): { readonly message: string; readonly hint?: string } | undefined {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
    const dates = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date))
    if (dates.some(Number.isNaN)) throw new Error('no dates')
  } catch {
    return { message: 'this certificate cannot be parsed', hint: 'it may have been cut off when it was copied' }
  }
  const name = certificate.subject.replaceAll('\n', ', ')
  if (!certificate.ca) {
    return { message: `the certificate of \`${name}\` is not a CA`, hint: 'give the certificate that signed it' }
  }
  if (now.getTime() > Date.parse(certificate.validTo)) {
    return {
      message: `the CA \`${name}\` expired on ${day(certificate.validTo)}`,
      hint: 'get the new one, or correct the clock',
    }
  }
  if (now.getTime() < Date.parse(certificate.validFrom)) {
    return {
      message: `the CA \`${name}\` is not valid before ${day(certificate.validFrom)}`,
      hint: 'check the clock of this machine',
    }
  }
  return undefined
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10)
}
