/**
 * A line of oslo.log: `2026-11-23 03:43:28.912 27143 ERROR magnum.common.keystone [None req-.. ..] words`. The lines of
 * a traceback have the same head and no request. oslo.log 5.0.0, oslo_log/_options.py, logging_context_format_string
 * and logging_exception_prefix.
 */
export type OsloLine = {
  /** As logged: the service's own clock and zone. */
  readonly at: string
  readonly process: string
  readonly level: string
  readonly logger: string
  readonly requestIds: readonly string[]
  readonly text: string
}

export function parseOsloLine(line: string): OsloLine | undefined {
  const plain = line.replace(/\x1b\[[0-9;]*m/g, '')
  const found = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (\d+) ([A-Z]+) (\S+) (?:\[([^\]]*)\] ?)?(.*)$/.exec(plain)
  if (found === null) return undefined
  const [, at = '', process = '', level = '', logger = '', context = '', text = ''] = found
  return { at, process, level, logger, requestIds: context.match(/req-[0-9a-f-]{36}/g) ?? [], text }
}

/** A message of a service about a request, with the end of its traceback. */
export type LogEntry = OsloLine & { readonly cause?: string }

/**
 * Messages about a request or about the object of this id, from INFO up, because DEBUG has whole requests. A service
 * that makes its own context continues under another request id, as Magnum does between API and conductor
 * (api/hooks.py, ContextHook), and its conductor again when it acts as itself. A line that names the object shows that
 * id, and then also finds lines that name nothing. Seen on magnum 15.0.1.
 */
export function entriesAbout(
  lines: readonly string[],
  about: { readonly requestIds: readonly string[]; readonly id: string },
): readonly LogEntry[] {
  const requestIds = new Set(about.requestIds)
  for (const line of lines)
    if (line.includes(about.id)) {
      const parsed = parseOsloLine(line)
      if (parsed !== undefined && parsed.level !== 'DEBUG') for (const id of parsed.requestIds) requestIds.add(id)
    }
  const entries: LogEntry[] = []
  /** The entry whose traceback is being read, by process and logger, because two requests may be interleaved. */
  const open = new Map<string, { index: number }>()
  for (const line of lines) {
    const parsed = parseOsloLine(line)
    if (parsed === undefined || parsed.level === 'DEBUG') continue
    const key = `${parsed.process} ${parsed.logger}`
    const isContinued = parsed.requestIds.length === 0 && parsed.level === 'ERROR'
    const standing = open.get(key)
    if (isContinued && standing !== undefined) {
      const entry = entries[standing.index]
      const cause = exceptionIn(parsed.text)
      if (entry !== undefined && entry.cause === undefined && cause !== undefined)
        entries[standing.index] = { ...entry, cause }
      continue
    }
    open.delete(key)
    const isAbout = parsed.requestIds.some((id) => requestIds.has(id)) || parsed.text.includes(about.id)
    if (!isAbout) continue
    open.set(key, { index: entries.length })
    entries.push(parsed)
  }
  return entries
}

/** `keystoneauth1.exceptions.http.Forbidden: You are not authorized ..`: only the last line of a traceback. */
function exceptionIn(text: string): string | undefined {
  return /^[A-Za-z_][\w.]*(?:Error|Exception|Failed|Forbidden|NotFound|Unauthorized|Failure|Conflict|[A-Z]\w+): .+/.exec(
    text,
  )?.[0]
}
