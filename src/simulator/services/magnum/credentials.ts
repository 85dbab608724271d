/** /v1/credentials. magnum c85b9554 (2025.2, microversion 1.12), api/controllers/v1/credential.py. */
import { findCluster } from './clusters.ts'
import { hasRole, isAdmin } from '../../access.ts'
import { denied } from './error.ts'
import { magnumMaximum } from '../../profile.ts'
import { requireMinor } from './serializers.ts'
import { param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import { rotateCredential } from './capi-driver.ts'
import type { Route } from '../../service.ts'

const since = 12

/** conductor/handlers/credential_conductor.py, ALLOWED_CLUSTER_STATES, of the states that clusters have here. */
const allowed = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_FAILED']

export const credentialRoutes: readonly Route[] = [
  // synchronous: the answer comes after the exchange
  route('PATCH', '/v1/credentials/:id', async (call) => {
    if (magnumMaximum(call.world.profile) < since) throw new Refusal(404, 'The resource could not be found.')
    requireMinor(call, since, 'patch')
    if (!isAdmin(call) && !hasRole(call, 'member')) throw denied('credential:rotate')
    const { world } = call
    const row = findCluster(call, param(call, 'id'))
    if (!allowed.includes(row.status))
      throw new Refusal(
        400,
        `magnum.conductor.handlers.credential_conductor when cluster status is "${row.status}" is not supported.`,
      )
    if (world.profile.magnumDriver === 'heat' || world.profile.capiHelm === '1.2')
      throw new Refusal(400, 'Credential rotation is not supported by driver.')
    const { user, token } = call.caller()
    await rotateCredential(world, row, { userId: user.id, token: token.id }, (change) => {
      const now = world.state.clusters.get(row.uuid) ?? row
      world.state.clusters.set(row.uuid, { ...now, ...change, updatedAt: world.now() })
    })
    return { status: 202, body: { uuid: row.uuid } }
  }),
]
