/** What to do about a probe of `verify` that is not as it should be, by the nature of what is wrong. */
export type RemedyCode = keyof typeof remedies

export const remedies = {
  'isolation/persona':
    'the domain manager lacks a right that it needs: lay the override from `tenant-onboard policy build` over this Keystone',
  'isolation/escalation':
    'mend the policy override: `tenant-onboard policy prove` shows the rule that lets it through, `policy build` makes one that does not',
  'isolation/foreign-read': 'mend the policy: `tenant-onboard policy explain` shows the clause that lets it through',
  'isolation/foreign-write':
    'mend the policy before anything else: `tenant-onboard policy explain` shows the clause that lets it through',
  'isolation/delegation': 'update Keystone: OSSA-2026-015 and the advisories after it close this',
  'isolation/dead-trust-rule':
    'write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s` in `identity:create_trust`; `tenant-onboard policy build` does',
  'isolation/domain-admin':
    'give nobody admin on a domain who is not to be admin of the cloud, or confine it: the base of the charm does, and `tenant-onboard policy build` keeps it so',
  'isolation/quota': 'a tenant can raise its own limits: take that right back in the policy of the service',
  'isolation/sharing': 'a tenant can push its objects onto others: take that right back in the policy of the service',
} as const
