import { shellWord } from '../policy/build/command.ts'
import { accountRoles } from '../tenant/actors.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { clusterOf } from '../onboarding/stages/cluster.ts'
import { routerOf } from '../onboarding/stages/router.ts'
import { networkOf } from '../onboarding/stages/subnet.ts'
import { accountOf } from '../onboarding/stages/accounts.ts'
import { textsIn } from './probe-record.ts'
import type { ReadCheck, StageStanding } from './standing.ts'

/** How a reader can check a statement without us: commands to type, and their expected answers. */
export type Recipe = {
  readonly title: string
  /** The person who types it. */
  readonly as: 'operator' | 'tenant' | 'anyone with the evidence'
  readonly commands: readonly string[]
  readonly expect: string
}

export type RecipeSources = {
  readonly tenant: Tenant
  readonly file: string
  readonly standing: readonly StageStanding[]
  /** The readings of gates. */
  readonly checks: readonly ReadCheck[]
  readonly head: string | undefined
  /** A request id of the evidence, as an example. */
  readonly requestId: string | undefined
}

export function recipesOf(sources: RecipeSources): readonly Recipe[] {
  return [
    ...holdings(sources.tenant),
    ...reaches(sources.tenant),
    ...egress(sources),
    ...clusters(sources),
    ...evidence(sources),
  ]
}

function holdings({ names }: Tenant): readonly Recipe[] {
  const list = (account: string): string =>
    `openstack role assignment list --names --effective --user ${shellWord(account)} --user-domain ${shellWord(names.domain)}`
  return [
    {
      title: 'The domain manager holds manager on its own domain and nothing else',
      as: 'operator',
      commands: [list(names.manager)],
      expect: `only lines with Domain ${names.domain}; no line with Role admin, none with System`,
    },
    {
      title: "The tenant's accounts act in its own projects only",
      as: 'operator',
      commands: [list(names.creator), list(names.automation)],
      expect: `only projects of ${names.domain}; the roles ${accountRoles.join(' and ')}, and reader, which member implies`,
    },
  ]
}

function reaches({ names, projects }: Tenant): readonly Recipe[] {
  const [project] = projects
  const own = `--os-cloud ${shellWord(names.manager)}`
  const suspect = `${names.domain}-suspect`
  const inDomain = `--domain ${shellWord(names.domain)}`
  return [
    {
      title: 'The domain manager sees no other domain',
      as: 'tenant',
      commands: [
        `openstack ${own} project list --domain default`,
        `openstack ${own} user list --domain default`,
        `openstack ${own} domain show default`,
      ],
      expect:
        'nothing listed, or 403; the last one 403 or 404. (In the folder of the handover, where this cloud has its entry.)',
    },
    {
      title: 'The domain manager cannot make an admin',
      as: 'tenant',
      commands: [
        `openstack ${own} user create ${inDomain} --disable ${shellWord(suspect)}`,
        `openstack ${own} role add --user ${shellWord(suspect)} --user-domain ${shellWord(names.domain)} --project ${shellWord(project.names.project)} --project-domain ${shellWord(names.domain)} admin`,
        `openstack ${own} user delete ${inDomain} ${shellWord(suspect)}`,
      ],
      expect:
        'the second command is refused with 403; the account is disabled, so an unexpected success would do no harm',
    },
  ]
}

function egress({ tenant, standing }: RecipeSources): readonly Recipe[] {
  return tenant.projects
    .filter(({ spec }) => spec.network !== undefined)
    .map((project) => ({
      title: `The network of ${project.names.project} is its own, and has egress by SNAT`,
      as: 'operator',
      commands: [
        `openstack network show -c shared -c project_id -c status ${idOf(standing, networkOf(tenant, project))}`,
        `openstack router show -c external_gateway_info -c project_id -c status ${idOf(standing, routerOf(tenant, project))}`,
      ],
      expect: 'shared False; enable_snat true, and an address of the external network',
    }))
}

function clusters({ tenant, standing, checks }: RecipeSources): readonly Recipe[] {
  const { creator } = tenant.names
  const creatorId = idOf(standing, accountOf(tenant, 'creator'))
  return tenant.projects
    .filter(({ spec }) => spec.cluster !== undefined)
    .map((project) => {
      const cluster = clusterOf(tenant, project)
      const read = checks.filter(({ about }) => about === cluster.id).map(({ value }) => textsIn(value))
      const trust = read.find(({ trustor }) => trustor !== undefined)?.['id']
      return {
        title: `Cluster ${project.names.cluster} uses a trust of ${creator}, and no more`,
        as: 'operator',
        commands: [
          `openstack coe cluster show -c status -c project_id ${idOf(standing, cluster)}`,
          trust === undefined ? 'openstack trust list' : `openstack trust show ${shellWord(trust)}`,
        ],
        expect: `trustor_user_id ${creatorId}, which is ${creator}; roles ${accountRoles.join(', ')} and reader, and no other`,
      }
    })
}

function evidence({ file, head, requestId, tenant }: RecipeSources): readonly Recipe[] {
  if (head === undefined) return []
  // a report is made again where the data directory has another path, so it names none
  const path = `DATA_DIRECTORY/${tenant.spec.cloud}/${tenant.spec.tenant}/evidence.jsonl`
  return [
    {
      title: 'This report agrees with the evidence',
      as: 'anyone with the evidence',
      commands: [
        `tenant-onboard report ${shellWord(file)} --check REPORT`,
        `tail -n 1 ${path} | jq -cjS 'del(.hash)' | sha256sum`,
      ],
      expect: `exit 0; and, if nothing was added since, ${head.replace('sha256:', '')}. DATA_DIRECTORY is what --home names, or ~/tenant-onboard`,
    },
    ...(requestId === undefined
      ? []
      : [
          {
            title: 'The requests reached the cloud',
            as: 'operator',
            commands: [`grep -r ${requestId} /var/log/keystone /var/log/apache2`],
            expect: 'the request in the log of the service, at the time in this report',
          } as const,
        ]),
    {
      title: 'The whole test again',
      as: 'operator',
      commands: [`tenant-onboard verify ${shellWord(file)}`, `tenant-onboard audit ${shellWord(file)}`],
      expect: 'exit 0',
    },
  ]
}

function idOf(
  standing: readonly StageStanding[],
  { id, name }: { readonly id: string; readonly name: string },
): string {
  return shellWord(standing.find((one) => one.id === id)?.objectId ?? name)
}
