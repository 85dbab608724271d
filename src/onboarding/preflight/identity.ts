import { isAdminRole, roleNamed } from '../../openstack/keystone/role-names.ts'
import { accountRoles, managerRole } from '../../tenant/actors.ts'
import { magnumDomainAdmin } from '../../tenant/cloud-facts.ts'
import { impliedByName } from '../../tenant/implied-roles.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { wantsOf } from '../cloud-readings.ts'
import type { PreflightRecord, Readings } from './record.ts'

export function judgeIdentity(tenant: Tenant, readings: Readings, record: PreflightRecord) {
  const { roles, inferences, token, magnumDomain, magnumAdmins, skew } = readings
  const held = token.roles.map((role) => role.name)
  record.claim('the operator holds admin', held.some(isAdminRole), held, {
    code: 'preflight/not-admin',
    where: `user ${token.userName}`,
    message: `the operator's token has the roles ${held.join(', ') || 'none'}, and none of them is admin`,
    remedy: "choose an admin's entry of clouds.yaml with `--cloud`",
  })
  for (const name of [managerRole, ...accountRoles, 'reader']) {
    record.claim(`role ${name} exists`, roleNamed(roles, name) !== undefined, null, {
      code: 'preflight/role-missing',
      where: `role ${name}`,
      message: `there is no role \`${name}\``,
      remedy: `openstack role create ${name}`,
    })
  }
  // a native persona lists by `reader`, which `manager` must imply; with our override it need not
  const implied = impliedByName(managerRole, inferences)
  if (!implied.has('member') || !implied.has('reader')) {
    record.note('info', {
      code: 'preflight/inference-missing',
      message: `\`${managerRole}\` does not imply member and reader: a native persona could not list, so the override must allow it`,
      remedy: `openstack implied role create --implied-role member ${managerRole}`,
    })
  }
  if (skew !== undefined)
    record.claim(
      'the clocks agree within 60 seconds',
      Math.abs(skew) <= 60,
      { seconds: skew },
      {
        code: 'preflight/clock-skew',
        where: 'this machine',
        message: `the cloud's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`,
        remedy: 'correct the clock, because certificates and tokens depend on it',
      },
    )
  const { cluster, magnumDomain: name } = wantsOf(tenant)
  if (cluster) {
    record.claim(
      `Magnum's domain ${name} is enabled`,
      magnumDomain?.enabled === true,
      { id: magnumDomain?.id ?? null },
      {
        code: 'preflight/magnum-domain-missing',
        where: `domain ${name}`,
        message: `Magnum's domain \`${name}\` is ${magnumDomain === undefined ? 'missing' : 'disabled'}: no cluster can get a trustee`,
        remedy:
          'juju run magnum/leader domain-setup (or the Magnum installation guide), or set magnum_domain in cloud.yaml',
      },
    )
    if (magnumDomain !== undefined) {
      record.claim(`Magnum's domain ${name} has its admin`, magnumAdmins.length > 0, magnumAdmins, {
        code: 'preflight/magnum-domain-admin-missing',
        where: `domain ${name}`,
        message: 'no account holds admin on it, so Magnum cannot make trustees',
        remedy: `openstack role add --domain ${name} --user ${magnumDomainAdmin} --user-domain ${name} admin, or juju run magnum/leader domain-setup`,
      })
    }
  }
  // no claim otherwise: a directory in which nobody is seen is not recognised
  if (readings.hasOwnDirectory)
    record.claim(`Keystone keeps the users of domain ${tenant.names.domain} itself`, false, null, {
      code: 'preflight/foreign-users',
      where: `domain ${tenant.names.domain}`,
      message:
        'its users are in a directory of its own (LDAP), which Keystone only reads: no account can be made there, and no password set',
      remedy:
        'give the tenant another name, which its domain has as well; people of that directory may get roles there',
    })
  record.note('info', {
    code: 'preflight/default-quota',
    message: 'a domain manager can add projects, and they get the default quota of the cloud',
    remedy: 'keep the defaults small (openstack quota set --class default); audit lists such projects',
  })
  return { roles, magnumDomain }
}
