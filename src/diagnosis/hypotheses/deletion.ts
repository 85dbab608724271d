/** A cluster whose delete does not finish. */
import { need } from '../experiment.ts'
import { stuckDeletes } from '../experiments/child-credentials.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

/**
 * Magnum checks its clusters every minute, so ten minutes are not just a slow delete. magnum 15.0.1,
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
      found.map(({ standing, left, machines, unchangedFor, tried }) => {
        if (machines > 0 || !(unchangedFor >= hangsAfterSeconds)) return excluded
        if (left.length === 0 || tried.kind !== 'refused' || tried.status !== 403) return excluded
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
