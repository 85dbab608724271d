/** A cluster whose delete does not finish. */
import { need } from '../experiment.ts'
import type { Case } from '../case.ts'
import { stuckDeletes } from '../experiments/child-credentials.ts'
import type { StuckDelete } from '../experiments/child-credentials.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

/**
 * Magnum looks at its clusters every ten seconds, so ten minutes are not just a slow delete. magnum 15.0.1,
 * service/periodic.py, MagnumPeriodicTasks
 */
const hangsAfterSeconds = 600

export const childCredentialStays: Hypothesis = {
  code: 'diagnosis/child-credential-stays',
  supposes: "a delete hangs because Magnum's service account may not remove the credential that its driver made",
  stages: ['cluster'],
  async test(on) {
    const found = await need(on, stuckDeletes)
    const outcome = await stuckDeletes(on)
    return overAll(
      found.map((one) => {
        if (!hangsAtCredential(one)) return excluded
        const { standing, left } = one
        const { cluster } = standing
        return confirmed(
          {
            code: childCredentialStays.code,
            where: `cluster ${cluster.name}`,
            message: `it stays ${cluster.status}: ${left.join(', ')} belongs to its creator, Keystone refuses to let any other account delete it (403, identity:delete_application_credential), and Magnum's periodic task fails each time`,
            remedy: `let the rules get_, list_ and delete_application_credential admit Magnum's account (\`or rule:cloud_admin\`); for this one, as ${on.subject.tenant.names.creator}: openstack application credential delete ${left.join(' ')}`,
            owner: 'operator',
          },
          outcome,
        )
      }),
    )
  },
}

function hangsAtCredential({ left, machines, unchangedFor, tried }: StuckDelete): boolean {
  if (machines > 0 || !(unchangedFor >= hangsAfterSeconds)) return false
  return left.length > 0 && tried.kind === 'refused' && tried.status === 403
}

/** The clusters whose delete this cause holds up, by uuid; none if that could not be seen. */
export async function hungDeletes(on: Case): Promise<readonly string[]> {
  const outcome = await stuckDeletes(on)
  return outcome.kind === 'seen' ? outcome.value.filter(hangsAtCredential).map((one) => one.standing.cluster.uuid) : []
}
