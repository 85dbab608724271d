/** What Magnum's conductor logs about one cluster: its progress, and why it failed. */
import { printable } from '../openstack/printable.ts'
import type { LogEntry } from './oslo-line.ts'

export type ConductorStep = 'trustee' | 'trust' | 'certificates' | 'driver'

export type ConductorMessage = {
  readonly at: string
  /** The step that failed, if the text shows it. */
  readonly failed?: ConductorStep
  /** One line. */
  readonly message: string
}

/**
 * Magnum logs no success above DEBUG, so these are failures. The texts: magnum 15.0.1, common/keystone.py
 * (create_trustee, create_trust), conductor/handlers/common/cert_manager.py (generate_certificates_to_cluster).
 */
const texts: readonly (readonly [RegExp, ConductorStep])[] = [
  // the texts of the steps themselves, before texts that mention them
  [/^Failed to create trustee(?! and trust| or trust)/, 'trustee'],
  [/^Failed to create trust$|^Failed to create trust[:.]|ApplicationCredentialTrustForbidden/, 'trust'],
  [/^Failed to generate certificates for Cluster|^Failed to create certificates/, 'certificates'],
  [/Resource CREATE failed|Failed to create (?:stack|Helm)|does not have (?:a|an|enough) /, 'driver'],
]

/** The noise of a conductor, the same for every request. */
const noise = /Using RPCClient manually|DeprecationWarning/

export function messagesOfConductor(entries: readonly LogEntry[]): readonly ConductorMessage[] {
  return entries
    .filter(({ text }) => !noise.test(text))
    .map(({ at, text, cause }) => {
      const failed = texts.find(([pattern]) => pattern.test(text))?.[1]
      const isSaid = cause === undefined || text.includes(cause.slice(0, 100))
      const message = printable(withoutSecrets(isSaid ? text : `${text}: ${cause}`), 400)
      return { at, ...(failed === undefined ? {} : { failed }), message }
    })
}

/** oslo.log masks known passwords; this masks others. */
function withoutSecrets(text: string): string {
  return text
    .replace(/((?:password|secret|token|passphrase)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, '$1***')
    .replace(/-----BEGIN [A-Z ]+-----[^]*/g, '***')
}
