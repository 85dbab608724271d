/**
 * Shows what hides, moves or reorders text by its code, `\u{..}`: for everything that goes to a terminal, a page or a document, where
 * any name may come from a cloud. Line breaks (`\n`) and letters of any script stay unchanged.
 */
export function visible(text: string): string {
  return text.replace(harmful, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** For JSON: the same characters as its own escapes, so that a reader gets them back as they were. */
export function visibleJson(json: string): string {
  return json.replace(harmful, (character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** The same in one line, which a name cannot leave. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s*[\n\r]\s*/gu, ' '))
}

// Cc: terminal escapes. Cf: bidirectional overrides and zero-width characters, the means of look-alike names.
// Zl, Zp: line breaks that are not `\n`. Cs: lone surrogates, which no terminal shows the same way.
const harmful = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
