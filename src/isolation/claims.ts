/**
 * Which probes attack which claim of `policy prove`, by the claim's name there: each entry is a probe, a family
 * (`roles/`) or a beginning of names. A proved claim whose probes hold is shown twice.
 */
import type { ProbeResult } from '../probes/claim.ts'

export type ClaimVerdict = { readonly claim: string; readonly probes: readonly string[]; readonly ok: boolean }

export function claimVerdicts(results: readonly Pick<ProbeResult, 'id' | 'ok'>[]): readonly ClaimVerdict[] {
  return Object.entries(claimProbes).map(([claim, beginnings]) => {
    const attacks = results.filter(({ id }) => beginnings.some((beginning) => id.startsWith(beginning)))
    // a claim without a probe counts like one that failed
    return { claim, probes: attacks.map(({ id }) => id), ok: attacks.length > 0 && attacks.every(({ ok }) => ok) }
  })
}

export const claimProbes: Readonly<Record<string, readonly string[]>> = {
  'manager-stays-home': [
    'domains/create',
    'domains/delete',
    'domains/read-foreign-by-manager',
    'domains/read-root-by-manager',
    'domains/update-foreign-by-manager',
    'domains/update-root-by-manager',
    'groups/',
    'inbound/',
    'lists/assignments-',
    'projects/',
    'users/',
  ],
  'manager-grants': [
    'escalation/',
    'groups/assign-',
    'groups/unassign-',
    'projects/assign-',
    'projects/unassign-',
    'users/assign-',
    'users/unassign-',
  ],
  'no-escalation': [
    'delegation/application-credential-with-admin',
    'delegation/ec2-key-for-another',
    'delegation/trust-with-admin',
    'domain-admin/grant-',
    'domain-admin/update-user',
    'escalation/',
    'inbound/grant',
    'inbound/join-group',
    'inbound/update-user',
    'project-manager/grant',
    'project-manager/update-user',
    'roles/',
    'users/update-foreign',
  ],
  'domain-records': ['domains/', 'project-manager/list-domains'],
  secrets: ['lists/application-credentials-', 'lists/credentials-', 'lists/ec2-keys-'],
  trusts: ['delegation/self-trust', 'delegation/trust-', 'lists/all-trusts-', 'lists/trusts-'],
  'domain-admin': ['domain-admin/'],
  'cloud-wide': ['escalation/', 'roles/'],
  'others-credentials': [
    'delegation/application-credential-for-another',
    'delegation/ec2-key-for-another',
    'lists/application-credentials-',
    'lists/credentials-',
    'lists/ec2-keys-',
  ],
  // no probe ends a session: `others-sessions` is only proved
  // for the personas of a tenant's cloud; `policy gate` compares all others, before and after
  'nothing-lost': [
    'delegation/self-trust',
    'domain-admin/create-trustee',
    'groups/add-user',
    'groups/create',
    'logins/',
    'projects/create',
    'users/create',
    'users/find-by-id',
  ],
  'nothing-loosened': [
    'delegation/application-credential-for-another',
    'delegation/ec2-key-for-another',
    'delegation/trust-for-another',
    'domains/read-foreign-by-account',
    'domains/read-root-by-account',
    'domains/update-foreign-by-account',
    'domains/update-root-by-account',
    'lists/',
    'project-manager/',
    'roles/',
  ],
}
