import { join } from 'node:path'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { secretStore } from '../../src/tenant/secret-store.ts'
import { secretNames } from '../../src/tenant/sessions.ts'
import type { CommandContext } from '../../src/cli/context.ts'
import { openSimulated } from './test-bed.ts'
import type { SimulatedTestBed, TestBed } from './test-bed.ts'

/** The operator of a stand, or the creator that a run on it has made for acme. */
export async function sessionOf<A extends 'operator' | 'creator'>(
  bed: SimulatedTestBed,
  actor: A,
): Promise<Session<A>> {
  const { admin, url, region, fetch } = bed.cloud
  const who =
    actor === 'operator'
      ? { user: admin.name, userDomain: admin.userDomain, project: admin.project, projectDomain: admin.projectDomain }
      : { user: 'acme-cluster', userDomain: 'acme', project: 'acme-prod', projectDomain: 'acme' }
  const password = actor === 'operator' ? new Secret(admin.password) : await secretsOf(bed).read(secretNames.creator)
  if (password === undefined) throw new Error('the creator has no password yet')
  return openSession({
    actor,
    endpoint: { authUrl: url, region },
    auth: {
      kind: 'password',
      user: { name: who.user, domain: { name: who.userDomain } },
      password,
      scope: { kind: 'project', project: { name: who.project, domain: { name: who.projectDomain } } },
    },
    fetch,
  })
}

/** What a run on this stand keeps for acme. The example names the cloud `lab`. */
export function secretsOf({ folder }: Pick<TestBed, 'folder'>) {
  return secretStore(join(folder, 'tenant-onboard', 'lab', 'acme', 'secrets'))
}

/** A cloud whose clusters take their time, so that somebody who looks sees each state. */
export function openSlow(io: Partial<CommandContext> = {}): Promise<SimulatedTestBed> {
  return openSimulated(undefined, io, { pace: { clusterAccepted: 1500, clusterCreated: 3000 } })
}
