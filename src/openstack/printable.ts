import { oneLine } from '../visible.ts'

/** Text of a cloud in one line that is safe to show, and at most so long. */
export function printable(text: string, limit = 2000): string {
  const shown = oneLine(text.trim())
  return shown.length <= limit ? shown : `${shown.slice(0, limit)}... (${text.length} characters)`
}
