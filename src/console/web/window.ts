/** The rows of a long list that must be drawn. */
export type Range = { readonly first: number; readonly last: number }

/** More than the visible ones, so that a scroll shows no gap before the next frame. */
const spare = 10

/** `top`: how far the list's first row is above the visible part, in pixels. `last` is exclusive. */
export function rangeOf(top: number, height: number, rowHeight: number, count: number): Range {
  const first = Math.floor(top / rowHeight) - spare
  const last = Math.ceil((top + height) / rowHeight) + spare
  const within = (row: number): number => Math.min(count, Math.max(0, row))
  return { first: within(first), last: within(last) }
}
