/**
 * Asks for what will be needed, into the memory of a session. What goes wrong here goes wrong again where it is needed, and is
 * told there.
 */
export function askAhead(...asked: readonly Promise<unknown>[]): void {
  for (const one of asked) one.catch(() => undefined)
}
