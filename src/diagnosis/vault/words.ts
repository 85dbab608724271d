/** What castellan logs of the answers of Vault. */

export type Words =
  | { readonly kind: 'address'; readonly source: string }
  | {
      readonly kind: 'invalid' | 'forbidden' | 'unavailable' | 'tls' | 'unreachable' | 'no JSON' | 'no key' | 'no data'
    }

export function wordsOf(reason: string): Words | undefined {
  const source = /source address "([0-9a-fA-F.:]+)" unauthorized/.exec(reason)?.[1]
  if (source !== undefined) return { kind: 'address', source }
  const kind = texts.find(([text]) => text.test(reason))?.[1]
  return kind === undefined ? undefined : { kind }
}

/** A broken TLS handshake is also `Max retries exceeded`, so it comes first. */
const texts: readonly (readonly [RegExp, Exclude<Words['kind'], 'address'>])[] = [
  [/invalid role or secret ID|invalid role_id|invalid secret id/i, 'invalid'],
  [/not authorized|permission denied|^Forbidden/i, 'forbidden'],
  [/^Service Unavailable|Vault is sealed/i, 'unavailable'],
  [/CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError/i, 'tls'],
  [
    /Max retries exceeded|Connection (?:refused|aborted|reset)|RemoteDisconnected|timed out|Name or service not known/i,
    'unreachable',
  ],
  [/Expecting value: line 1 column 1/i, 'no JSON'],
  [/Key not found, uuid/i, 'no key'],
  // oslo.log adds the exception to a message that is logged with one
  [/^'data'(?:: KeyError: 'data')?$/, 'no data'],
]
