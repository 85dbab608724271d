/** A cluster that has completed on the simulator, and a certificate for it, had as a client has it. */
import { certificateRequest, generateClientKey } from '../../src/kubernetes/client-certificate.ts'
import { getClusterCa, signCertificate } from '../../src/openstack/magnum/certificates.ts'
import type { ClientIdentity } from '../../src/openstack/http.ts'
import { Secret } from '../../src/secret.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { sessionOf } from '../onboarding/cluster-test-bed.ts'

export type CompleteCluster = {
  readonly bed: SimulatedTestBed
  readonly uuid: string
  readonly address: string
  readonly identity: ClientIdentity
}

/** Asked for, and then waited for by looking, so that no gate has a say in it. */
export async function completeCluster(seed?: Seed): Promise<CompleteCluster> {
  const bed = await openSimulated(seed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', file, '--yes', '--no-wait')
  if (code !== 0) throw new Error(err)
  const creator = await sessionOf(bed, 'creator')
  for (;;) {
    const [cluster] = [...bed.cloud.state.clusters.values()]
    if (cluster !== undefined && cluster.api_address !== null) {
      const key = new Secret(generateClientKey())
      const [ca, certificate] = await Promise.all([
        getClusterCa(creator, cluster.uuid),
        signCertificate(creator, cluster.uuid, await certificateRequest(key)),
      ])
      return { bed, uuid: cluster.uuid, address: cluster.api_address, identity: { ca, certificate, key } }
    }
    await creator.request({ service: 'container-infra', method: 'GET', path: '/clusters' })
    await bed.clock.sleep(10)
  }
}
