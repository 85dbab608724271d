import type { NumberRange } from '../requests.ts'
import type { Label } from './label.ts'

/** A line of text: words, and pieces that mean something, which each format shows in its own way. */
export type Text = Piece | readonly Piece[]

export type Piece =
  | string
  | Label
  /** As it is typed or as a service names it. */
  | { readonly kind: 'code'; readonly text: string }
  /** What a service answered, whatever that may hold. */
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'strong'; readonly text: string }
  /** Beside the point. */
  | { readonly kind: 'aside'; readonly text: string }
  | { readonly kind: 'time'; readonly at: string }
  /** Another part of the report. */
  | { readonly kind: 'part'; readonly id: string; readonly text: string }
  /** Numbers of the last appendix. */
  | { readonly kind: 'requests'; readonly ranges: readonly NumberRange[] }
  /** Several lines as they are: a request, a command. */
  | { readonly kind: 'literal'; readonly text: string }
  /** One below the other. */
  | { readonly kind: 'lines'; readonly lines: readonly Text[] }

export function code(text: string): Piece {
  return { kind: 'code', text }
}

export function strong(text: string): Piece {
  return { kind: 'strong', text }
}

export function aside(text: string): Piece {
  return { kind: 'aside', text }
}

export function lines(...of: readonly Text[]): Piece {
  return { kind: 'lines', lines: of }
}

/** Nothing for a time that is not known. */
export function time(at: string | undefined): Piece {
  return at === undefined ? '' : { kind: 'time', at }
}

export function piecesOf(text: Text): readonly Piece[] {
  return isPiece(text) ? [text] : text
}

function isPiece(text: Text): text is Piece {
  return typeof text === 'string' || 'kind' in text
}
