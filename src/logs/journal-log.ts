import type { ServiceLog } from './log.ts'
import type { RunProgram } from './program.ts'

/** Limit of entries for the first look, and for any later one. */
const tailEntries = 4000

/** The journal of a unit on this machine, followed by the journal's own cursor. */
export function journalLog(unit: string, run: RunProgram): ServiceLog {
  let cursor: string | undefined
  return {
    place: `the journal of ${unit}`,
    async read() {
      const from = cursor === undefined ? [] : [`--after-cursor=${cursor}`]
      const argv = ['--unit', unit, '--output', 'json', '--no-pager', '--lines', String(tailEntries), ...from]
      const lines = (await run('journalctl', argv)).split('\n')
      const entries = lines.flatMap((line) => entryOf(line) ?? [])
      cursor = entries.at(-1)?.cursor ?? cursor
      return entries.flatMap(({ text }) => text.split('\n'))
    },
  }
}

/**
 * A line that the service printed has the form of its log file. With `use_journal` oslo.log puts only the text there,
 * and place and request into other fields: oslo.log 5.0.0, oslo_log/handlers.py, OSJournalHandler.emit.
 */
function entryOf(line: string): { readonly cursor: string; readonly text: string } | undefined {
  if (line.trim() === '') return undefined
  const fields = new Map<string, unknown>(Object.entries(parse(line)))
  const said = (name: string): string => {
    const value = fields.get(name)
    // bytes that are not text come as a list of numbers
    return typeof value === 'string' ? value : Array.isArray(value) ? Buffer.from(value).toString('utf8') : ''
  }
  const [message, logger, level] = [said('MESSAGE'), said('LOGGER_NAME'), said('LOGGER_LEVEL')]
  const at = new Date(Number(said('__REALTIME_TIMESTAMP')) / 1000)
  const head = `${stamp(at)} ${said('_PID')} ${level} ${logger} [${said('REQUEST_ID')}]`
  return { cursor: said('__CURSOR'), text: logger === '' ? message : `${head} ${message}` }
}

function parse(line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function stamp(at: Date): string {
  return Number.isNaN(at.getTime()) ? '1970-01-01 00:00:00.000' : at.toISOString().replace('T', ' ').slice(0, 23)
}
