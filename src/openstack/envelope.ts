/**
 * The text of a refusal. Every service wraps it differently; here it becomes one string.
 *
 * keystone, keystonemiddleware  {"error": {"code", "title", "message"}}
 * nova, cinder                  {"<fault>": {"code", "message", "retryAfter"?}}          nova/api/openstack/wsgi.py,
 * Fault
 * neutron                       {"NeutronError": {"type", "message", "detail"}}, and the same bare for a GET that
 * policy
 *                               hides: neutron/pecan_wsgi/hooks/policy_enforcement.py, PolicyHook.after
 * octavia                       {"faultcode", "faultstring", "debuginfo"}                WSME
 * magnum                        {"errors": [{"status", "title", "detail"}]}  
 * magnum/api/middleware/parsable_error.py
 * barbican, magnum's 500        {"code", "title", "description"}
 * glance, heat                  {"message", "code": "404 Not Found"}, {"error": {"message", "type"}, "title",
 * "explanation"};
 *                               glance answers HTML unless asked for JSON: webob/exc.py, WSGIHTTPException.generate_response
 */
import { isRecord } from './shape.ts'

/** The message of an error body, not yet printable. Never empty. */
export function messageOf(status: number, body: unknown): string {
  return fromJson(body) ?? fromText(body) ?? STATUS_REASONS.get(status) ?? 'no message'
}

function fromJson(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined
  const errors = body['errors']
  if (Array.isArray(errors)) {
    const details = errors.map((error: unknown) =>
      isRecord(error) ? (said(error['detail']) ?? said(error['title'])) : undefined,
    )
    return said(details.filter((detail) => detail !== undefined).join('; '))
  }
  const own = sentence(body)
  if (own !== undefined) return own
  for (const fault of Object.values(body)) {
    const inner = isRecord(fault) ? sentence(fault) : said(fault)
    if (inner !== undefined) return inner
  }
  return undefined
}

function sentence(fault: Readonly<Record<string, unknown>>): string | undefined {
  const message = fault['message']
  // older neutron plugins put a whole object there
  const text =
    said(isRecord(message) ? JSON.stringify(message) : message) ??
    said(fault['faultstring']) ??
    said(fault['description']) ??
    (isRecord(fault['error']) ? sentence(fault['error']) : undefined) ??
    said(fault['explanation'])
  const detail = said(fault['detail'])
  return text === undefined || detail === undefined ? (text ?? detail) : `${text} (${detail})`
}

/** HTML: the title and the text of the body, without tags; other text unchanged. */
function fromText(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined
  if (!/<html|<!doctype/i.test(body)) return said(body.slice(0, 4000))
  const bare = body
    .slice(0, 20_000)
    .replace(/<(script|style)\b[^]*?<\/\1>/gi, ' ')
    .replace(/<title>([^]*?)<\/title>/i, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#x27;|&#39;/g, "'")
    .replace(/&amp;/g, '&')
  return said(bare.replace(/\s+/g, ' '))
}

function said(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

const STATUS_REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'bad request'],
  [401, 'not authenticated'],
  [403, 'forbidden'],
  [404, 'not found'],
  [405, 'method not allowed'],
  [406, 'not acceptable'],
  [409, 'conflict'],
  [413, 'over the limit'],
  [429, 'too many requests'],
  [500, 'internal server error'],
  [501, 'not implemented'],
  [502, 'bad gateway'],
  [503, 'service unavailable'],
  [504, 'gateway timeout'],
])
