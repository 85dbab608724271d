import { CloudError } from '../../src/errors.ts'
import type { CloudErrorDetail } from '../../src/errors.ts'
import type { Observation } from '../../src/onboarding/inventory.ts'
import { planOf } from '../../src/onboarding/plan.ts'
import type { Plan } from '../../src/onboarding/plan.ts'
import { ResolvedResources } from '../../src/onboarding/resource.ts'
import type { Resource } from '../../src/onboarding/resource.ts'
import { SharedResources } from '../../src/onboarding/shared-resources.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import type { Actor } from '../../src/tenant/actors.ts'
import type { SecretStore } from '../../src/tenant/secret-store.ts'

/* Resources of no service: what a plan is made of and what steps carry out, without a cloud. */

/** A resource of ours that is as asked wherever it is found. `id` is `stage/kind`. */
export function resourceOf(id: `network/${string}`, change: Partial<Resource> = {}): Resource {
  const kind = id.slice('network/'.length)
  return {
    id,
    stage: 'network',
    kind,
    name: `acme-${kind}`,
    identity: { actor: 'automation' },
    inside: [],
    needs: [],
    observe: () => Promise.resolve([]),
    compare: () => ({ isOurs: true, changes: [] }),
    create: () => Promise.resolve({ id: `made-${kind}` }),
    ...change,
  }
}

export const noneKnown = (): ResolvedResources => new ResolvedResources(new SharedResources({ roles: [], cidrs: {} }))

/** What was observed of each, by id; what is not named is absent. */
export function planOfObserved(
  resources: readonly Resource[],
  observed: Readonly<Record<string, Observation>>,
  options: { readonly adopt?: boolean; readonly enable?: readonly string[]; readonly spec?: string } = {},
): Plan {
  const observations = new Map(Object.entries(observed))
  const digests = { spec: options.spec ?? 'sha256:spec', cloud: 'sha256:cloud' }
  return planOf(
    resources,
    { observations, known: noneKnown() },
    { digests, adopt: options.adopt ?? false, enable: options.enable ?? [] },
  )
}

export const noSecrets: SecretStore = {
  remove: () => Promise.resolve(),
  pathOf: (name) => name,
  read: () => Promise.resolve(undefined),
  ensure: () => Promise.reject(new Error('a secret was asked for')),
  write: () => Promise.reject(new Error('a secret was written')),
  promote: () => Promise.reject(new Error('a secret was written')),
}

/** A session of no cloud: whoever sends a request with it is found out. */
export function sessionOf<A extends Actor>(actor: A): Session<A> {
  return openSession({
    actor,
    endpoint: { authUrl: 'https://keystone.example:5000' },
    auth: {
      kind: 'password',
      user: { name: actor, domain: { name: 'acme' } },
      password: new Secret('correct horse'),
      scope: { kind: 'unscoped' },
    },
    fetch: () => Promise.reject(new Error('a request was sent')),
  })
}

export function cloudError(detail: Partial<CloudErrorDetail>): CloudError {
  return new CloudError({
    kind: 'answer',
    service: 'network',
    method: 'POST',
    path: '/v2.0/networks',
    reason: 'no',
    ...detail,
  })
}
