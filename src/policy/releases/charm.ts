/** The policy.json that charm-keystone renders, from Rocky to Epoxy. charm-keystone de9baff, templates/rocky. */
import { seriesOf } from './release.ts'
import type { KeystoneRelease } from './release.ts'

export type CharmRule = { readonly name: string; readonly check: string }

/** The charm's settings: its `admin-role` option, and the ids of its admin domain and its services project. */
export type CharmSettings = {
  readonly adminRole: string
  readonly adminDomainId: string
  readonly serviceProjectId: string
}

/** Stand-ins that no cloud has, for questions that do not depend on the ids. */
export const charmPlaceholders: CharmSettings = {
  adminRole: 'Admin',
  adminDomainId: 'ADMIN_DOMAIN_ID',
  serviceProjectId: 'SERVICES_PROJECT_ID',
}

/** One rule per line, as the charm's own file has them. */
export function renderCharmPolicy(rules: readonly CharmRule[], settings: Partial<CharmSettings> = {}): string {
  const { adminRole, adminDomainId, serviceProjectId } = { ...charmPlaceholders, ...settings }
  const lines = rules.map(({ name, check }) => {
    const filled = check
      .replaceAll('{{ admin_role }}', adminRole)
      .replaceAll('{{ admin_domain_id }}', adminDomainId)
      .replaceAll('{{ service_tenant_id }}', serviceProjectId)
    return `    ${JSON.stringify(name)}: ${JSON.stringify(filled)}`
  })
  return `{\n${lines.join(',\n')}\n}\n`
}

/**
 * Does a charmed Keystone enforce scopes and new defaults? Its keystone.conf does not set them up to Caracal, so the
 * library's default applies, and switches both off from Epoxy. charm-keystone 54587f9, templates/epoxy.
 */
export function charmEnforces(release: Pick<KeystoneRelease, 'name'>): boolean {
  return seriesOf(release) === '2024.2'
}
