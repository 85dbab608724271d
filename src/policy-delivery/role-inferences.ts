/**
 * What the roles of this cloud imply, by its own list. Bootstrap makes the rows and an operator changes them, so the release does
 * not say.
 */
import { CloudError } from '../errors.ts'
import { withAccepted } from '../finding.ts'
import type { Finding, Severity } from '../finding.ts'
import { listRoleInferences, listRoles } from '../openstack/keystone/roles.ts'
import type { RoleInference } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import { cloudFactsOf } from '../policy/model/cloud-facts.ts'
import { bootstrapInferences, inferenceRows, renderInferences } from '../policy/model/role-inferences.ts'
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import { renderRelease } from '../policy/releases/release.ts'
import type { KeystoneRelease } from '../policy/releases/release.ts'
import { impliedTooMuch } from '../tenant/implied-roles.ts'
import type { PolicyBase } from './base-config.ts'

export type CloudRoleInferences = {
  /** Between global roles: a token never names the role of one domain. `undefined`: the list could not be read. */
  readonly rows: RoleInferences | undefined
  readonly findings: readonly Finding[]
}

export type ReadingOptions = {
  readonly managedRoles: readonly string[]
  /** Codes that the operator knows and accepts (`accepted_findings` of cloud.yaml). */
  readonly accepted: readonly string[]
  /** How grave it is that the list cannot be read. */
  readonly unread?: Severity
}

export async function readRoleInferences(
  operator: Session,
  { managedRoles, accepted, unread = 'unknown' }: ReadingOptions,
): Promise<CloudRoleInferences> {
  const read = await readList(operator, managedRoles, unread)
  return { ...read, findings: withAccepted(read.findings, accepted) }
}

async function readList(
  operator: Session,
  managedRoles: readonly string[],
  unread: Severity,
): Promise<CloudRoleInferences> {
  try {
    const [roles, inferences] = await Promise.all([listRoles(operator), listRoleInferences(operator)])
    const isGlobal = ({ prior_role: { id } }: RoleInference): boolean => roles.some((role) => role.id === id)
    return {
      rows: inferenceRows(inferences.filter(isGlobal)),
      findings: impliedTooMuch({ roles, inferences }, managedRoles).map(({ kind, role, message, remedy }) =>
        finding(kind, 'error', `role ${role}`, message, remedy),
      ),
    }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const message = `the roles of this cloud and what they imply could not be read, so those of bootstrap are assumed: ${error.message}`
    const remedy = 'let the operator list them (`identity:list_role_inference_rules`), then ask again'
    return { rows: undefined, findings: [finding('inferences-not-shown', unread, 'keystone', message, remedy)] }
  }
}

/** All findings about roles for an override over this base. */
export function inferenceFindings(
  { rows, findings }: CloudRoleInferences,
  policyBase: Pick<PolicyBase, 'keystone' | 'base'> | undefined,
): readonly Finding[] {
  if (policyBase === undefined) return findings
  const { keystone, base } = policyBase
  const { adminRole } = cloudFactsOf(keystoneRules(keystone, { base }), keystone.release)
  return [...findings, ...unlikeBootstrap(rows, keystone.release, adminRole)]
}

/** What an upgrade did not make, or an operator added. No fault by itself: every answer is compared with the cloud's rows. */
export function unlikeBootstrap(
  rows: RoleInferences | undefined,
  release: KeystoneRelease,
  adminRole = 'admin',
): readonly Finding[] {
  if (rows === undefined) return []
  const usual = bootstrapInferences(release, adminRole)
  const [added, missing] = [without(rows, usual), without(usual, rows)]
  if (added.length === 0 && missing.length === 0) return []
  const differing = [
    ...(added.length === 0 ? [] : [`has ${renderInferences(added)} as well`]),
    ...(missing.length === 0 ? [] : [`lacks ${renderInferences(missing)}`]),
  ]
  return [
    finding(
      'unlike-bootstrap',
      'info',
      'keystone',
      `what roles imply here is not what bootstrap of ${renderRelease(release)} makes: this cloud ${differing.join(', and ')}; its own rows are used here`,
      'give `--role-inferences FILE` to the commands that ask no cloud, with the answer of GET /v3/role_inferences',
    ),
  ]
}

function without(rows: RoleInferences, others: RoleInferences): RoleInferences {
  const key = (row: RoleInferences[number]): string => row.join(' > ').toLowerCase()
  return rows.filter((row) => !others.some((other) => key(other) === key(row)))
}

function finding(slug: string, severity: Severity, where: string, message: string, remedy: string): Finding {
  return { code: `delivery/${slug}`, severity, where, message, remedy, owner: 'operator' }
}
