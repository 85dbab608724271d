/** The accounts behind a step: Magnum's own, and the tenant's. */
import { magnumDomainAdmin } from '../../tenant/cloud-facts.ts'
import type { Case } from '../case.ts'
import { need } from '../experiment.ts'
import { holdings, signIns } from '../experiments/accounts.ts'
import type { Holding, SignIn } from '../experiments/accounts.ts'
import { delegations } from '../experiments/clusters.ts'
import type { Delegation } from '../experiments/clusters.ts'
import { magnumDomain, magnumSignIn } from '../experiments/magnum.ts'
import { freeze } from '../experiments/freeze.ts'
import { readOnlyDirectory } from '../experiments/directory.ts'
import { objects } from '../experiments/objects.ts'
import { delegatedTrust, selfTrust } from '../experiments/self-trust.ts'
import { confirmed, excluded, open, overAll } from '../hypothesis.ts'
import type { Hypothesis, HypothesisVerdict } from '../hypothesis.ts'
import { hasPassed } from '../symptom.ts'

/** Only for `diagnose`: a stage that failed has its own words for it. */
export const tenantAbsent: Hypothesis = {
  code: 'diagnosis/tenant-absent',
  supposes: 'the tenant is not on this cloud',
  stages: [],
  async test(on) {
    const seen = await objects(on)
    if (seen.kind !== 'inapplicable') return seen.kind === 'seen' ? excluded : open(seen.because)
    const { names } = on.subject.tenant
    const known = on.subject.evidence.length === 0 ? 'and no record that there was one' : 'and the evidence has one'
    return confirmed(
      {
        code: tenantAbsent.code,
        where: `domain ${names.domain}`,
        message: `there is no domain \`${names.domain}\` on this cloud, ${known}`,
        remedy: 'check the names of tenant and cloud in the tenant file; `tenant-onboard apply` makes it',
        owner: 'operator',
      },
      seen,
    )
  },
}

export const directoryReadOnly: Hypothesis = {
  code: 'diagnosis/read-only-directory',
  supposes: 'the users of the domain are in a directory that Keystone only reads',
  stages: ['domain', 'self-service'],
  async test(on) {
    if (!(await need(on, readOnlyDirectory))) return excluded
    const { names } = on.subject.tenant
    return confirmed(
      {
        code: directoryReadOnly.code,
        where: `domain ${names.domain}`,
        message:
          'its users are in a directory of its own (LDAP), which Keystone only reads: no account can be made there, and no password set',
        remedy:
          'give the tenant another name, which its domain has as well; people of that directory may get roles there',
        owner: 'operator',
      },
      await readOnlyDirectory(on),
    )
  },
}

export const trusteeAdmin: Hypothesis = {
  code: 'diagnosis/trustee-admin',
  supposes: "the account that makes Magnum's trustees is missing, disabled, or holds no admin on its domain",
  stages: ['cluster'],
  async test(on) {
    const { name, domain, admins, usual } = await need(on, magnumDomain)
    if (domain?.enabled === true && admins.some(({ enabled }) => enabled)) return excluded
    const [disabled] = admins
    const why =
      domain === undefined
        ? `there is no domain \`${name}\``
        : !domain.enabled
          ? `domain \`${name}\` is disabled`
          : disabled !== undefined
            ? `\`${disabled.name}\` is disabled`
            : usual === undefined
              ? `nobody holds admin on domain \`${name}\`, and there is no \`${magnumDomainAdmin}\` in it`
              : `\`${usual.name}\` holds no admin on domain \`${name}\``
    const command =
      domain !== undefined && !domain.enabled
        ? `openstack domain set --enable ${name}`
        : disabled !== undefined
          ? `openstack user set --enable ${disabled.id}`
          : usual !== undefined
            ? `openstack role add --user ${usual.id} --domain ${name} admin`
            : undefined
    return confirmed(
      {
        code: trusteeAdmin.code,
        where: `domain ${name}`,
        message: `${why}: Magnum cannot make trustees, and no cluster of any tenant gets its trust`,
        remedy: [command, 'juju run magnum/leader domain-setup'].filter((one) => one !== undefined).join('; or '),
        owner: 'operator',
      },
      await magnumDomain(on),
    )
  },
}

export const trusteeAdminSignIn: Hypothesis = {
  code: 'diagnosis/trustee-admin-sign-in',
  supposes: 'Magnum cannot sign in as its domain admin, although that account is correct',
  stages: ['cluster'],
  async test(on) {
    const { domain, admins } = await need(on, magnumDomain)
    // if the account itself is broken, that is the cause, and this its effect
    if (domain?.enabled !== true || !admins.some(({ enabled }) => enabled)) return excluded
    if (!(await need(on, magnumSignIn)).isRefused) return excluded
    return confirmed(
      {
        code: trusteeAdminSignIn.code,
        where: 'magnum.conf [trust]',
        message:
          "Keystone refuses Magnum as its own domain admin: the account is enabled and holds admin, so the password or the name in Magnum's configuration is not Keystone's",
        remedy:
          'juju run magnum/leader domain-setup; elsewhere set the password of the account to `trustee_domain_admin_password`',
        owner: 'operator',
      },
      await magnumDomain(on),
      await magnumSignIn(on),
    )
  },
}

export const applicationCredentialTrust: Hypothesis = {
  code: 'diagnosis/application-credential-trust',
  supposes:
    'the cluster was requested with an application credential, which Keystone does not allow for trusts (D-066)',
  stages: ['cluster'],
  async test(on) {
    const failed = (await need(on, delegations)).filter(({ trusts }) => trusts.length === 0)
    if (failed.length === 0) return excluded
    return overAll(await Promise.all(failed.map((one) => byCredential(on, one))))
  },
}

/** A dead rule makes `TrustManager` fail the same way: the kind of token separates the two. */
async function byCredential(on: Case, { standing, trustee, maker }: Delegation): Promise<HypothesisVerdict> {
  const { automation, creator } = await need(on, objects)
  const isAutomations = maker !== undefined && maker.id === automation?.id
  const isOurs = on.subject.evidence.some(
    (record) => record.kind === 'made' && record.object.id === standing.cluster.uuid && record.actor === 'creator',
  )
  // our creator requests clusters by password; another client may have used a credential of the same user
  if (!isAutomations && (isOurs || maker?.id !== creator?.id)) return excluded
  const barred = await need(on, delegatedTrust)
  if (barred.observed !== 'refused') return excluded
  if (!isAutomations) {
    // everything else that prevents a trust must be excluded first
    const own = await need(on, selfTrust)
    if (trustee === undefined || own.creator?.observed !== 'allowed') return excluded
  }
  // a credential meets a dead rule before the code's refusal, and the answer names the rule
  if (/identity:create_trust/.test(barred.message))
    return open('the rule for new trusts refuses every caller, credentials too')
  return confirmed(
    {
      code: applicationCredentialTrust.code,
      where: `cluster ${standing.cluster.name}`,
      message: `${maker?.name ?? standing.cluster.user_id} requested it with an application credential: Magnum accepted (202) and failed at the trust, because Keystone lets no application credential make one, unrestricted or not (D-066)`,
      remedy: `delete it and let ${on.subject.tenant.names.creator} request it by password, as \`tenant-onboard apply\` does: openstack coe cluster delete ${standing.cluster.uuid}`,
      owner: 'tenant',
    },
    await delegations(on),
    await delegatedTrust(on),
  )
}

export const rolesNotHeld: Hypothesis = {
  code: 'diagnosis/roles-not-held',
  supposes: 'an account of the tenant lost a role that a step, or a living trust, needs',
  stages: ['self-service', 'credentials', 'network', 'template', 'cluster'],
  async test(on) {
    const { symptom, evidence, tenant } = on.subject
    const found = await need(on, holdings)
    const due = found.filter(({ user }) =>
      hasPassed(user.name === tenant.names.manager ? 'domain' : 'self-service', symptom, evidence),
    )
    const lacking = due.filter(({ missing }) => missing.length > 0)
    const outcome = await holdings(on)
    return overAll(lacking.map((one) => confirmed(lackOf(one), outcome)))
  },
}

function lackOf({ user, where, on, missing }: Holding) {
  const commands = missing.map((role) => `openstack role add --user ${user.id} ${on} ${role}`)
  return {
    code: rolesNotHeld.code,
    where: `user ${user.name}`,
    message: `it does not hold ${missing.join(' and ')} on ${where}: what needs that role is refused, and every trust that delegates it is dead (Keystone: \`Could not find role\`)`,
    remedy: `${commands.join('; ')}; \`tenant-onboard apply\` does the same`,
    owner: missing.includes('manager') ? 'operator' : 'tenant',
  } as const
}

export const cannotSignIn: Hypothesis = {
  code: 'diagnosis/account-cannot-sign-in',
  supposes: 'an account of the tenant is disabled, or its password differs from the one in this data directory',
  stages: ['self-service', 'isolation', 'credentials', 'network', 'template', 'cluster'],
  async test(on) {
    const refused = (await need(on, signIns)).filter(({ tried }) => tried.kind === 'refused')
    const frozen = await freeze(on)
    const byFreeze = new Set(frozen.kind === 'seen' ? frozen.value?.users.map(({ id }) => id) : [])
    // disabled on purpose, and told as that
    const due = refused.filter((one) => isDue(on, one) && !byFreeze.has(one.user?.id ?? ''))
    const standing = await need(on, objects)
    const outcome = await signIns(on)
    return overAll(
      due.map((one) => {
        const { message, remedy, owner } = reasonOf(one, standing.domain.enabled)
        const finding = { code: cannotSignIn.code, where: `user ${one.name}`, message, remedy, owner }
        return confirmed(finding, outcome)
      }),
    )
  },
}

/** What a later step makes is not there yet, which is not a cause. */
function isDue(on: Case, { identity, user }: SignIn): boolean {
  const { symptom, evidence } = on.subject
  if (user === undefined) return hasPassed('self-service', symptom, evidence)
  switch (identity.actor) {
    case 'automation':
      return hasPassed('credentials', symptom, evidence)
    case 'creator':
      return hasPassed('self-service', symptom, evidence)
    case 'manager':
    case 'operator':
      return hasPassed('domain', symptom, evidence)
  }
}

function reasonOf({ user, identity, name }: SignIn, isDomainEnabled: boolean) {
  if (user === undefined)
    return {
      message: 'this account no longer exists',
      remedy: '`tenant-onboard apply` makes it again',
      owner: 'tenant',
    } as const
  if (!isDomainEnabled)
    return {
      message: 'its domain is disabled, so none of its users can sign in',
      remedy: `openstack domain set --enable ${user.domain_id}`,
      owner: 'operator',
    } as const
  if (!user.enabled)
    return {
      message: 'it is disabled: its clusters can neither heal nor be deleted cleanly',
      remedy: `openstack user set --enable ${user.id}`,
      owner: 'tenant',
    } as const
  const what =
    identity.actor === 'automation'
      ? 'its application credential is gone, expired, or has another secret'
      : 'its password differs'
  return {
    message: `it is enabled and does not sign in: ${what} than in this data directory`,
    remedy: `tenant-onboard rotate TENANT.yaml --account ${accountIn(name)}`,
    owner: 'tenant',
  } as const
}

/** The command line calls `acme-domain-admin` `domain-admin`. */
function accountIn(name: string): string {
  return name.endsWith('-domain-admin') ? 'domain-admin' : name.endsWith('-cluster') ? 'cluster' : 'svc'
}
