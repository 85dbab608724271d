/** A refusal of a service; each service puts it into its own envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Neutron's exception class, for its envelope. */
  readonly type: string | undefined
  /** Set if the body is not the service's ordinary envelope. */
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    detail: {
      readonly type?: string
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(message)
    this.status = status
    this.type = detail.type
    this.body = detail.body
    this.headers = detail.headers ?? {}
  }
}

const TITLES: Readonly<Record<number, string>> = {
  300: 'Multiple Choices',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

export function titleOf(status: number): string {
  return TITLES[status] ?? 'Error'
}
