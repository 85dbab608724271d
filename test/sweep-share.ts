/**
 * How much of a sweep is done. `SWEEP=sample` takes one case in so many, in turn from `SWEEP_SEED`; otherwise a sweep is whole. A sample says
 * so in the closing line of its run (test/closing-line.ts).
 */
export const isSample = process.env['SWEEP'] === 'sample'
const seed = Number(process.env['SWEEP_SEED'] ?? 0)

/** Whether the `index`-th case of a sweep is done: all of them, or one in `share`. */
export function isSwept(index: number, share: number): boolean {
  return !isSample || (index + seed) % share === 0
}

/** Of a count of random cases, as many as are done. */
export function sweptOf(whole: number, sample: number): number {
  return isSample ? sample : whole
}
