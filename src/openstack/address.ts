/** Keystone without its version and a last slash: users write `auth_url` with and without them. */
export function keystoneRoot(authUrl: string): string {
  return authUrl.replace(/\/+$/, '').replace(/\/v3$/, '')
}

/** Whether two `auth_url` are one address, whatever the case of the host, the default port, `/v3` and a last slash. */
export function isSameAddress(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(authUrl: string): string {
  const root = keystoneRoot(authUrl)
  return URL.canParse(root) ? new URL(root).href.replace(/\/+$/, '') : root
}
