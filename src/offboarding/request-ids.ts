/** The request ids of these requests. */
export function idsOf(exchanges: readonly { readonly requestId?: string | undefined }[]): readonly string[] {
  return exchanges.flatMap(({ requestId }) => requestId ?? [])
}
