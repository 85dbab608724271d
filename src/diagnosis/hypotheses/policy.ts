/** Keystone's rules: dead, or not the attached ones. */
import type { Attempt } from '../../probes/attempt.ts'
import { need } from '../experiment.ts'
import { selfTrust } from '../experiments/self-trust.ts'
import { managerPowers, trusteeRule } from '../experiments/probe-domain.ts'
import { confirmed, excluded, open } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

export const deadCreateRule: Hypothesis = {
  code: 'diagnosis/dead-create-rule',
  supposes: 'the rules for new users and projects read a key that Keystone no longer fills (D-064)',
  stages: ['domain', 'self-service', 'cluster'],
  async test(on) {
    const [manager, trustee] = [await managerPowers(on), await trusteeRule(on)]
    if (manager.kind === 'unseen' && trustee.kind === 'unseen') return open(trustee.because)
    const isDeadForAdmins = trustee.kind === 'seen' && trustee.value.observed === 'refused'
    // a manager that may list has its persona; then only the create rules fail
    const isDeadForManagers =
      manager.kind === 'seen' &&
      manager.value.list.kind === 'answered' &&
      isForbidden(manager.value.user) &&
      isForbidden(manager.value.project)
    if (!isDeadForAdmins && !isDeadForManagers) return excluded
    const whom = [isDeadForManagers ? 'a domain manager' : '', isDeadForAdmins ? 'an admin of one domain' : '']
    return confirmed(
      {
        code: deadCreateRule.code,
        where: isDeadForManagers ? 'identity:create_user, identity:create_project' : 'identity:create_user',
        message: `${whom.filter((one) => one !== '').join(' and ')} may not create in its own domain: the rule reads the body of the request, which a patched Keystone (OSSA-2026-015) keeps elsewhere, so it is false for every caller${isDeadForAdmins ? ', and Magnum gets no trustee for any cluster' : ''} (D-064)`,
        remedy:
          'write `%(target.user.domain_id)s` for `%(user.domain_id)s`, and likewise for project and group; `tenant-onboard policy build` writes such an override',
        owner: 'operator',
      },
      manager,
      trustee,
    )
  },
}

export const deadTrustRule: Hypothesis = {
  code: 'diagnosis/dead-trust-rule',
  supposes: 'the rule for new trusts reads a key that Keystone no longer fills (D-065)',
  stages: ['cluster'],
  async test(on) {
    const { creator, operator } = await need(on, selfTrust)
    const decisive = creator ?? operator
    if (decisive?.observed === 'unknown') return open(decisive.message)
    if (decisive?.observed !== 'refused') return excluded
    const isAlone = creator !== undefined && operator?.observed === 'allowed'
    return confirmed(
      {
        code: deadTrustRule.code,
        where: 'identity:create_trust',
        message: isAlone
          ? `the rule for new trusts refuses ${decisive.who} although it signs in by password, and allows ${operator.who}: Magnum gets no trust for a cluster of this tenant`
          : `${[creator, operator].flatMap((one) => one?.who ?? []).join(' and ')} may not make a trust even for itself, signed in by password: the rule reads the body of the request, which a patched Keystone (OSSA-2026-015) keeps elsewhere, so it is false for every caller, whatever their roles (D-065)`,
        remedy:
          'write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s`; `tenant-onboard policy build` writes such an override',
        owner: 'operator',
      },
      await selfTrust(on),
    )
  },
}

export const overrideNotInForce: Hypothesis = {
  code: 'diagnosis/override-not-in-force',
  supposes: 'the override for domain managers is attached, but Keystone does not use it',
  stages: ['domain', 'self-service', 'isolation'],
  async test(on) {
    const { list, user, project } = await need(on, managerPowers)
    if (![list, user, project].every(isForbidden)) return excluded
    const { policy } = on.subject.tenant.facts
    const how =
      policy === undefined
        ? ''
        : policy.delivery === 'juju'
          ? ` It is delivered to ${policy.application} of model ${policy.model}.`
          : ` It is delivered to ${policy.path}.`
    return confirmed(
      {
        code: overrideNotInForce.code,
        where: 'keystone',
        message:
          `a domain manager may do nothing in its own domain: no active rule of this Keystone mentions \`manager\`, whatever the status of its charm (\`PO:\`) says.${how}`.replace(
            /\.$/,
            '',
          ),
        remedy:
          'attach an override that works (`tenant-onboard policy build`, then `policy attach`); the charm empties its folder if the zip is invalid, has no YAML or is missing, and still shows `PO:`',
        owner: 'operator',
      },
      await managerPowers(on),
    )
  },
}

function isForbidden(tried: Attempt<unknown>): boolean {
  return tried.kind === 'refused' && tried.status === 403
}
