/** A stack has a UUID; a Helm release has the cluster's name and twelve characters: magnum_capi_helm/driver.py. */
export function driverOf(stackId: string): 'heat' | 'helm' {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(stackId) ? 'heat' : 'helm'
}
