/**
 * Makes text from a cloud safe to show: what could move a cursor, change a colour, hide or reorder text becomes
 * `\u{..}`, and one line stays one line. Letters of any script stay unchanged.
 */
export function printable(text: string, limit = 2000): string {
  const shown = text
    .trim()
    .replace(/\s*\n\s*/gu, ' ')
    .replace(HARMFUL, escaped)
  return shown.length <= limit ? shown : `${shown.slice(0, limit)}... (${text.length} characters)`
}

// Cc: terminal escapes. Cf: bidirectional overrides and zero-width characters, the means of look-alike names.
// Zl, Zp: line breaks that are not `\n`. Cs: lone surrogates, which no terminal shows the same way.
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
