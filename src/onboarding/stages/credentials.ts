import {
  createApplicationCredential,
  listApplicationCredentials,
} from '../../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../../openstack/keystone/application-credentials.ts'
import { createKeypair, findKeypair } from '../../openstack/nova.ts'
import type { Keypair } from '../../openstack/nova.ts'
import { describe } from '../../tenant/names.ts'
import { generateApplicationCredentialSecret } from '../../tenant/secret-store.ts'
import { secretNames } from '../../tenant/sessions.ts'
import { generateSshKey, isSameKey, publicKeyOf } from '../../tenant/ssh-key.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import type { GateContext } from '../gate.ts'
import { isOurs } from '../ownership.ts'
import type { Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { accountOf, projectOf, rolesOf } from './accounts.ts'

/*
 * The accounts' credentials: the application credential that automation uses from here on, and the creator's own
 * keypair. A keypair belongs to a user, so a cluster's keypair must be the creator's.
 */

/** Made once with the password. After that the password is used only to manage the credential. */
export function applicationCredentialOf(
  tenant: Tenant,
  project: TenantProject,
): Resource<ApplicationCredential, 'automation'> {
  const account = accountOf(tenant, 'automation')
  const name = project.names.applicationCredential
  return {
    id: `${project.prefix}credentials/application-credential`,
    stage: 'credentials',
    kind: 'application credential',
    name,
    identity: { actor: 'automation', project },
    bootstrapCredential: { actor: 'automation', project, by: 'password' },
    inside: [account.id, projectOf(tenant, project).id],
    needs: [rolesOf(tenant, project, 'automation').id],
    async observe({ session, known }) {
      const all = await listApplicationCredentials(session, known.need(account).id)
      return all.filter((one) => one.name === name)
    },
    compare: (found, known) => ({
      isOurs: isOurs(tenant.spec.tenant, known, found),
      changes: [],
      ...(found.unrestricted && found.project_id === known.need(projectOf(tenant, project)).id
        ? {}
        : {
            conflict: {
              message: found.unrestricted
                ? 'belongs to another project'
                : 'is restricted, so a cluster driver cannot make a credential with it',
              remedy: `openstack application credential delete ${found.id} as ${tenant.names.automation}, then apply again`,
            },
          }),
    }),
    async create({ session, known, secrets }) {
      const { secret: _, ...made } = await createApplicationCredential(session, known.need(account).id, {
        name,
        description: describe(tenant.spec.tenant, 'automation'),
        // Keystone accepts our secret, so it is on disk before the credential exists
        secret: await secrets.ensure(secretNames.applicationCredential(project), generateApplicationCredentialSecret),
        unrestricted: true,
      })
      return made
    },
  }
}

export function keypairOf(tenant: Tenant, project: TenantProject): Resource<Keypair, 'creator'> {
  const account = accountOf(tenant, 'creator')
  const { keypair } = project.names
  return {
    id: `${project.prefix}credentials/keypair`,
    stage: 'credentials',
    kind: 'keypair',
    name: keypair,
    identity: { actor: 'creator', project },
    inside: [account.id, projectOf(tenant, project).id],
    needs: [rolesOf(tenant, project, 'creator').id],
    async observe({ session, secrets }) {
      const found = await findKeypair(session, keypair)
      if (found === undefined) return []
      // compared here, because only here the private half is known
      const own = await secrets.read(secretNames.privateKey(project))
      const isHere = own !== undefined && isSameKey(found.public_key, publicKeyOf(own.reveal(), keypair))
      return [isHere ? found : { ...found, fingerprint: notHere }]
    },
    compare: (found) => ({
      isOurs: true,
      changes: [],
      ...(found.fingerprint === notHere
        ? {
            conflict: {
              message: 'exists, but its private half is not in the data directory',
              remedy: `restore ${secretNames.privateKey(project)}, or delete the keypair as ${tenant.names.creator} and apply again`,
            },
          }
        : {}),
    }),
    async create({ session, secrets }) {
      const key = await secrets.ensure(secretNames.privateKey(project), generateSshKey)
      return createKeypair(session, { name: keypair, public_key: publicKeyOf(key.reveal(), keypair) })
    },
  }
}

const notHere = 'private half not here'

export const credentialsStage: Stage<'credentials'> = {
  name: 'credentials',
  resources: (tenant) =>
    tenant.projects.flatMap((project) => [applicationCredentialOf(tenant, project), keypairOf(tenant, project)]),
  gates: [
    {
      name: 'complete',
      async check(context) {
        await Promise.all(
          context.tenant.projects.flatMap((project) => [
            checkCredential(context, project),
            checkKeypair(context, project),
          ]),
        )
      },
    },
  ],
}

async function checkCredential({ tenant, known, secrets, read }: GateContext, project: TenantProject): Promise<void> {
  const name = project.names.applicationCredential
  const { id } = known.need(projectOf(tenant, project))
  const reading = await read({ actor: 'automation', project }, (session) => session.token())
  const token = reading.about(applicationCredentialOf(tenant, project))
  const { applicationCredential: credential, projectId } = reading.value
  token.claim(
    `${name} signs in, unrestricted, on project ${project.names.project}`,
    credential?.restricted === false && projectId === id,
    {
      id: credential?.id ?? null,
      restricted: credential?.restricted ?? null,
      project_id: projectId ?? null,
      roles: reading.value.roles.map((role) => role.name).sort(),
    },
  )
  const secret = await secrets.read(secretNames.applicationCredential(project))
  token.claim(`the secret of ${name} is in the data directory`, secret !== undefined, {
    characters: secret?.length ?? 0,
  })
}

async function checkKeypair({ tenant, secrets, read }: GateContext, project: TenantProject): Promise<void> {
  const { keypair } = project.names
  const found = await read({ actor: 'creator', project }, (session) => findKeypair(session, keypair))
  const key = await secrets.read(secretNames.privateKey(project))
  const isOurs =
    found.value !== undefined &&
    key !== undefined &&
    isSameKey(found.value.public_key, publicKeyOf(key.reveal(), keypair))
  found
    .about(keypairOf(tenant, project))
    .claim(`keypair ${keypair} is the creator's, and its private half is in the data directory`, isOurs, {
      fingerprint: found.value?.fingerprint ?? null,
    })
}
