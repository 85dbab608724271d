/** A tenant that was frozen on purpose. */
import { need } from '../experiment.ts'
import { freeze } from '../experiments/freeze.ts'
import { confirmed, excluded } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

export const frozen: Hypothesis = {
  code: 'diagnosis/frozen',
  supposes: 'the tenant was frozen by `offboard --until freeze`',
  stages: ['self-service', 'isolation', 'credentials', 'network', 'template', 'cluster'],
  async test(on) {
    const found = await need(on, freeze)
    if (found === undefined) return excluded
    const { users, quotas, at } = found
    const { tenant } = on.subject.tenant.spec
    const effects = [
      ...(users.length === 0 ? [] : [`disabled ${users.map(({ name }) => name).join(', ')}`]),
      ...(quotas.length === 0 ? [] : [`limited to their use the quotas ${quotas.join(', ')}`]),
    ]
    return confirmed(
      {
        code: frozen.code,
        where: `tenant ${tenant}`,
        message: `we froze it (\`offboard --until freeze\`) ${at === undefined ? 'at a time that is not in the evidence here' : `at ${at}`}: that ${effects.join(', and ')}. What is refused to those accounts, or beyond those quotas, is this freeze`,
        remedy:
          '`tenant-onboard offboard TENANT.yaml --unfreeze` undoes it; enable no account by hand. `tenant-onboard offboard` without `--until` removes the tenant',
        owner: 'operator',
      },
      await freeze(on),
    )
  },
}
