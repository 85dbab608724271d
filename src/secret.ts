import { rememberAllIn } from './masking.ts'

/**
 * A secret in memory. Every accidental conversion to text gives `[redacted]`: string conversion, JSON, and
 * `util.inspect`. Only `reveal` gives the text, and only the request that needs it calls that. From the moment it is
 * made, the text is masked in everything that comes from outside (masking.ts).
 */
export class Secret {
  readonly #text: string

  /** `kind`: a `file` has secrets between words that are none, as a kubeconfig has. Only its secrets are masked. */
  constructor(text: string, kind: 'value' | 'file' = 'value') {
    this.#text = text
    rememberAllIn(text, kind)
  }

  /** The text itself. Call it in the expression that builds a request body or a 0600 file, nowhere else. */
  reveal(): string {
    return this.#text
  }

  /** Characters, for evidence that records the length of a secret. */
  get length(): number {
    return this.#text.length
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]'
  }
}
