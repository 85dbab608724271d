import type { RunProgram } from '../logs/program.ts'
import type { Fetch } from '../openstack/http.ts'

/** What a gate reaches beside the OpenStack APIs: a cluster's own API, and the log of a service. */
export type ExternalAccess = { readonly fetch: Fetch; readonly run: RunProgram }
