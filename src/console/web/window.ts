/** Which rows of a long list are worth drawing. */
export type Range = { readonly first: number; readonly last: number }

/** More than are seen, so that a scroll does not uncover a gap before the next frame. */
const spare = 10

/** `top`: how far the list's first row is above the top of what is seen, in pixels. `last` is exclusive. */
export function rangeOf(top: number, height: number, rowHeight: number, count: number): Range {
  const first = Math.floor(top / rowHeight) - spare
  const last = Math.ceil((top + height) / rowHeight) + spare
  const within = (row: number): number => Math.min(count, Math.max(0, row))
  return { first: within(first), last: within(last) }
}
