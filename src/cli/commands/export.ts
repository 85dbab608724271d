import { resolve } from 'node:path'
import { renderAnsible } from '../../draft/ansible.ts'
import { describeTenant } from '../../draft/describe.ts'
import type { EntryContext, Written } from '../../draft/entries.ts'
import { findTenant } from '../../draft/found.ts'
import type { FoundTenant } from '../../draft/found.ts'
import { readObjects } from '../../draft/objects.ts'
import { renderTenantFile } from '../../draft/render.ts'
import { renderTerraform } from '../../draft/terraform.ts'
import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { variablesSource } from '../../openstack/clouds.ts'
import { listDomains } from '../../openstack/keystone/domains.ts'
import { cloudHomeOf } from '../../tenant/home.ts'
import { carriesMarker } from '../../tenant/names.ts'
import { connect, loadOperator } from '../connection.ts'
import type { Connection } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import type { ExportOptions } from '../definitions/shell.ts'
import { homeRoot } from '../home-root.ts'
import { assertNew, save } from '../save.ts'

/** Writes a tenant that is on the cloud as a file. Exit 3: something is there that the file cannot say; it is told. */
export async function exportCommand(name: string, options: ExportOptions, io: CommandContext): Promise<number> {
  const out = options.out === '-' ? undefined : options.out
  if (out !== undefined) await assertNew(resolve(io.cwd, out), out)
  const config = await loadOperator(options, undefined, io)
  const folders = { cloud: cloudHomeOf(homeRoot(options, io), config.name), tenants: [] }
  const cloud = await connect(config, folders, options, io)
  try {
    const domains = await listDomains(cloud.operator)
    const domain = domains.find((one) => one.name === name)
    if (domain === undefined) {
      const close = nearest(
        name,
        domains.map((one) => one.name),
      )
      const hint = close === undefined ? 'see `openstack domain list`' : `did you mean \`${close}\`?`
      throw new InputError([{ message: `there is no domain \`${name}\` on ${config.name}`, hint }])
    }
    const found = await findTenant(cloud.operator, domain)
    if (found.projects.length === 0)
      throw new InputError(`domain \`${name}\` has no project that a file could name: ${found.left.join('; ')}`)
    const { text, left } =
      options.to === 'tenant-file'
        ? tenantFile(found, config.name, io)
        : await otherTool(found, renderers[options.to], { cloud, io })
    if (out === undefined) io.out(text)
    else await save(resolve(io.cwd, out), text)
    for (const one of left) io.err(`not in the file: ${one}\n`)
    return left.length > 0 ? 3 : 0
  } finally {
    await cloud.close()
  }
}

function tenantFile(found: FoundTenant, cloud: string, io: CommandContext): Written {
  const { name, description } = found.domain
  const { draft, left } = describeTenant(found, cloud)
  const head = [
    `domain ${name} of ${cloud}, read ${io.now().toISOString()}`,
    ...(carriesMarker(name, description) ? [] : ['this program did not make it: `plan` and `apply` need `--adopt`']),
  ]
  return { text: renderTenantFile(draft, { head, isCommented: false }), left }
}

const renderers = { terraform: renderTerraform, ansible: renderAnsible } as const

async function otherTool(
  found: FoundTenant,
  render: typeof renderTerraform,
  { cloud, io }: { readonly cloud: Connection; readonly io: CommandContext },
): Promise<Written> {
  const { operator, config, used } = cloud
  const objects = await readObjects(operator, found)
  const { authUrl, region } = used()
  if (region === undefined)
    throw new InputError([
      { message: 'quotas are imported by region, and no region is named', hint: 'give `--region`' },
    ])
  const context: EntryContext = {
    cloud: config.name,
    entry: config.source === variablesSource ? undefined : config.name,
    region,
    authUrl,
    caFile: config.caFile,
    now: io.now(),
  }
  return render(objects, context)
}
