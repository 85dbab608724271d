/** What only the management cluster of magnum-capi-helm tells, or the credential inside of it. Magnum passes none of it on. */
import type { Case } from '../case.ts'
import { need } from '../experiment.ts'
import { insideCredentials, lostCredentials, management } from '../experiments/management.ts'
import type { Managed } from '../experiments/management.ts'
import { confirmed, excluded, open, overAll } from '../hypothesis.ts'
import type { Hypothesis, HypothesisVerdict } from '../hypothesis.ts'
import { meaningOf } from '../management/trouble.ts'
import type { Trouble } from '../management/trouble.ts'

function over(
  kind: Trouble['kind'],
  told: (one: Trouble, at: Managed) => Parameters<typeof confirmed>[0],
): (on: Case) => Promise<HypothesisVerdict> {
  return async (on) => {
    const all = await need(on, management)
    const outcome = await management(on)
    return overAll(
      all.flatMap((at): readonly HypothesisVerdict[] => {
        const found = at.troubles.filter((one) => one.kind === kind).map((one) => confirmed(told(one, at), outcome))
        return found.length > 0 ? found : unseen(at)
      }),
    )
  }
}

/** What was not read may be what is wrong; and a management cluster without any object of the cluster may be another one. */
function unseen({ seen, stack, namespace }: Managed): readonly HypothesisVerdict[] {
  if (seen.objects.length === 0) return [open(`no object of ${stack} was read in namespace ${namespace}`)]
  return seen.unread.length === 0 ? [] : [open(`not read in namespace ${namespace}: ${seen.unread.join(', ')}`)]
}

function say({ object, told, message, since }: Trouble, { namespace }: Managed): string {
  return `${object} in namespace ${namespace} says ${told}${since === undefined ? '' : ` since ${since}`}: ${message}`
}

function look({ object }: Trouble, { namespace }: Managed): string {
  return `kubectl -n ${namespace} describe ${object}`
}

export const clusterApiRefused: Hypothesis = {
  code: 'diagnosis/cluster-api-refused',
  supposes: 'OpenStack refuses what Cluster API asks for a cluster',
  stages: ['cluster'],
  test: over('refused', (one, at) => {
    const { cause, remedy, owner, heals } = meaningOf(one.message)
    return {
      code: clusterApiRefused.code,
      where: `cluster ${at.standing.cluster.name}`,
      message: `${cause}. ${say(one, at)}`,
      remedy: `${remedy}. ${heals ? 'Cluster API tries again by itself, and the cluster continues' : 'It does not heal by itself'}. ${look(one, at)}`,
      owner,
    }
  }),
}

/** CAPO 0.14.7: `Not reconciling server in error state`. A raised quota brought no further request. */
export const machineFailed: Hypothesis = {
  code: 'diagnosis/machine-failed',
  supposes: 'Nova refused a machine of a cluster, which is final for that machine',
  stages: ['cluster'],
  test: over('machine', (one, at) => ({
    code: machineFailed.code,
    where: `cluster ${at.standing.cluster.name}`,
    message: `${meaningOf(one.message).cause}, and this machine is never tried again. ${say(one, at)}`,
    remedy: `${meaningOf(one.message).remedy}; then take the machine away, and another one is made: kubectl -n ${at.namespace} delete machine ${one.name}`,
    owner: 'operator',
  })),
}

export const addonFailed: Hypothesis = {
  code: 'diagnosis/addon-failed',
  supposes: 'an addon of a cluster failed, so that Magnum calls the cluster failed',
  stages: ['cluster'],
  test: over('addon', (one, at) => ({
    code: addonFailed.code,
    where: `cluster ${at.standing.cluster.name}`,
    message: `${say(one, at)}. Magnum does not look again, also not after it was repaired`,
    remedy: `${look(one, at)}. When its cause is gone, only a new cluster is complete: openstack coe cluster delete ${at.standing.cluster.uuid}, then \`tenant-onboard apply\``,
    owner: 'operator',
  })),
}

export const insideCredentialRefused: Hypothesis = {
  code: 'diagnosis/inside-credential-refused',
  supposes: 'Cluster API cannot sign in with the credential of a cluster, which no condition says',
  stages: ['cluster'],
  async test(on) {
    const all = await need(on, insideCredentials)
    const outcome = await insideCredentials(on)
    return overAll(
      all.map(({ standing: { cluster }, namespace, stack, signIn, message }): HypothesisVerdict => {
        const where = `cluster ${cluster.name}`
        const secret = `Secret ${stack}-cloud-credentials in namespace ${namespace}`
        switch (signIn) {
          case 'works':
            return excluded
          case 'unread':
            return open(message)
          case 'refused':
            return confirmed(
              {
                code: insideCredentialRefused.code,
                where,
                message: `Keystone refuses the credential in ${secret}: ${message}. No object of Cluster API says so`,
                remedy:
                  'if its owner is disabled or has lost its roles, `tenant-onboard apply` gives them back, and the cluster continues. If the credential was deleted: on Magnum 2025.2 and later `tenant-onboard rotate --cluster` makes another one; else delete the cluster and apply again',
                owner: 'operator',
              },
              outcome,
            )
          case 'untrusted':
            return confirmed(
              {
                code: 'diagnosis/inside-ca-wrong',
                where,
                message: `the CA in ${secret} is not the cloud's: ${message}. Cluster API's provider trusts nothing else, and no object says so`,
                remedy: `set [drivers] openstack_ca_file in magnum.conf to the CA of the cloud, for the next clusters; for this one patch \`cacert\` of the Secret, and the cluster continues: kubectl -n ${namespace} edit secret ${stack}-cloud-credentials`,
                owner: 'operator',
              },
              outcome,
            )
        }
      }),
    )
  },
}

export const credentialLost: Hypothesis = {
  code: 'diagnosis/child-credential-gone',
  supposes: "a cluster's own credential does not exist in Keystone any more",
  stages: ['cluster'],
  async test(on) {
    const lost = await need(on, lostCredentials)
    const outcome = await lostCredentials(on)
    return overAll(
      lost.map(({ cluster }) =>
        confirmed(
          {
            code: credentialLost.code,
            where: `cluster ${cluster.name}`,
            message: `no application credential of its owner is for cluster ${cluster.uuid}: Cluster API, the cloud controller and the volumes of the cluster cannot sign in. What runs continues; nothing changes any more, also no delete`,
            remedy:
              'on Magnum 2025.2 and later: `tenant-onboard rotate TENANT.yaml --cluster NAME` makes another one. Before: delete the cluster and apply again',
            owner: 'tenant',
          },
          outcome,
        ),
      ),
    )
  },
}

/** The clusters of which one of these says why they wait, by uuid. */
export async function explainedByManagement(on: Case): Promise<readonly string[]> {
  const [seen, inside, lost] = [await management(on), await insideCredentials(on), await lostCredentials(on)]
  return [
    ...(seen.kind === 'seen'
      ? seen.value.filter(({ troubles }) => troubles.length > 0).map(({ standing }) => standing.cluster.uuid)
      : []),
    ...(inside.kind === 'seen'
      ? inside.value
          .filter(({ signIn }) => signIn === 'refused' || signIn === 'untrusted')
          .map(({ standing }) => standing.cluster.uuid)
      : []),
    ...(lost.kind === 'seen' ? lost.value.map(({ cluster }) => cluster.uuid) : []),
  ]
}
