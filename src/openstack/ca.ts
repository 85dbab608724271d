/** The cloud's CA, read and judged before the first call: a TLS failure later says much less. */
import { X509Certificate } from 'node:crypto'
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'

/** Reads a file of certificates in PEM and returns those that are a CA and valid now. Throws `InputError` when none is. */
export async function readCa(
  file: string,
  from: { readonly readText: (path: string) => Promise<string | undefined>; readonly now: Date },
): Promise<string> {
  const text = await from.readText(file)
  if (text === undefined)
    throw new InputError([{ file, message: 'the CA cannot be read', hint: 'does it exist, and may you?' }])
  return checkCa(text, file, from.now)
}

export function checkCa(text: string, file: string, now: Date): string {
  const blocks = [
    ...text.matchAll(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g),
  ]
  if (blocks.length === 0) {
    throw new InputError([
      { file, message: 'there is no certificate in this file', hint: 'PEM, `-----BEGIN CERTIFICATE-----`' },
    ])
  }
  const good: string[] = []
  const problems: Problem[] = []
  for (const block of blocks) {
    const line = text.slice(0, block.index).split('\n').length
    const fault = faultOf(block[0], now)
    if (fault === undefined) good.push(block[0])
    else problems.push({ file, line, ...fault })
  }
  // a bundle may hold an expired certificate or the server's own beside the CA that counts
  if (good.length === 0) throw new InputError(problems)
  return `${good.join('\n')}\n`
}

function faultOf(pem: string, now: Date): { readonly message: string; readonly hint?: string } | undefined {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    return { message: 'this certificate cannot be parsed', hint: 'was it cut short when it was copied?' }
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
      hint: 'is the clock right?',
    }
  }
  return undefined
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10)
}
