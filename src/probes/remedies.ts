/** What to do about a probe of `verify` that is not as it should be, by the nature of what is wrong. */
export type RemedyCode = keyof typeof remedies

export const remedies = {
  'isolation/persona':
    'the domain manager lacks a right that it needs: attach the override of `tenant-onboard policy build`',
  'isolation/escalation':
    'correct the policy override: `tenant-onboard policy prove` shows the rule that allows it, `tenant-onboard policy build` makes one that does not',
  'isolation/foreign-read': 'correct the policy: `tenant-onboard policy prove` shows the request that it allows',
  'isolation/foreign-write':
    'correct the policy before anything else: `tenant-onboard policy prove` shows the request that it allows',
  'isolation/delegation': 'update Keystone: OSSA-2026-015 and the advisories after it fix this',
  'isolation/dead-trust-rule':
    'write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s` in `identity:create_trust`; `tenant-onboard policy build` does',
  'isolation/domain-admin':
    "give admin on a domain only to an admin of the cloud; before 2024.2, the charm's base and the override of `tenant-onboard policy build` confine it",
  'isolation/quota': 'a tenant can raise its own limits: remove that right from the policy of the service',
  'isolation/sharing': 'a tenant can share objects with others: remove that right from the policy of the service',
} as const
