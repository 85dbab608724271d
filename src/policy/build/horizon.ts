/** What the dashboard needs so that a domain manager can work in it: a policy file, settings, and a small module of Horizon's own kind. */
import type { Keystone } from '../releases/keystone.ts'
import { horizonCommand, horizonPolicy } from './horizon-policy.ts'
import { storedZip } from './zip.ts'

/** A file, with its path below the folder of `--horizon`. */
export type HorizonFile = { readonly path: string; readonly text: string }

/** For `--horizon`. They hold no secret. */
export function horizonFiles(keystones: readonly Keystone[]): readonly HorizonFile[] {
  return [
    { path: 'keystone_policy.yaml', text: horizonPolicy(keystones) },
    { path: 'local_settings.d/_9999_tenant_onboard.py', text: settings },
    { path: `${moduleName}/__init__.py`, text: '' },
    { path: `${moduleName}/overrides.py`, text: overrides },
  ]
}

/**
 * For `--horizon-zip`: the policy file alone, in the folder by which charm-openstack-dashboard knows the service (hooks/horizon_utils.py,
 * POLICYD_HORIZON_SERVICE_TO_DIR). The charm has its own options for the rest.
 */
export function horizonZip(keystones: readonly Keystone[]): Uint8Array {
  return storedZip({ 'identity/tenant-onboard.yaml': horizonPolicy(keystones) })
}

const moduleName = 'tenant_onboard_horizon'

// Horizon runs each file of local_settings.d in the place of its settings, in the order of their names (openstack_dashboard/settings.py).
const settings = `# Settings of Horizon for tenants that manage their own domain. Made by
#   ${horizonCommand}
# For the folder openstack_dashboard/local/local_settings.d. A later file, or one that sorts after this, may change them again.

# The sign-in asks for the domain. Without it every account of a tenant has "invalid credentials".
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
# As text: a list to choose from would show the names of all tenants to everybody, and lack the next one.
OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN = False
# Hides the pages below "Admin", which stay empty for a domain manager. Horizon has one such module: if this cloud has its own already, remove
# this line and import ours from there.
HORIZON_CONFIG['customization_module'] = '${moduleName}.overrides'
`

const overrides = `# Shows the dashboard "Admin" of Horizon to admins of the cloud only. Made by
#   ${horizonCommand}
# Horizon shows it for any of five rules, and \`admin_required\` of Keystone is one (openstack_dashboard/dashboards/admin/dashboard.py).
import horizon

horizon.get_dashboard('admin').policy_rules = (('identity', 'cloud_admin'),)
`
