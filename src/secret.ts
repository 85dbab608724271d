/**
 * A secret in memory. Every accidental conversion to text gives `[redacted]`: string conversion, JSON, and
 * `util.inspect`. Only `reveal` gives the text, and only the request that needs it calls that.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
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
