/** `node-2` before `node-10`. */
export function naturally(a: string, b: string): number {
  return collator.compare(a, b)
}

const collator = new Intl.Collator('en', { numeric: true })
