import { resolve } from 'node:path'
import { describeTenant } from '../../draft/describe.ts'
import { renderTenantFile } from '../../draft/render.ts'
import { InputError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { listDomains } from '../../openstack/keystone/domains.ts'
import { cloudHomeOf } from '../../tenant/home.ts'
import { carriesMarker } from '../../tenant/names.ts'
import { connect, loadOperator } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import type { ExportOptions } from '../definitions/shell.ts'
import { homeRoot } from '../home-root.ts'
import { save } from '../save.ts'

/** Writes the file of a tenant that is on the cloud. Exit 3: something is there that a file cannot say; it is told. */
export async function exportCommand(name: string, options: ExportOptions, io: CommandContext): Promise<number> {
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
    const { draft, left } = await describeTenant(cloud.operator, domain, config.name)
    if (draft.projects.length === 0)
      throw new InputError(`domain \`${name}\` has no project that a tenant file could name: ${left.join('; ')}`)
    const isOurs = carriesMarker(name, domain.description)
    const head = [
      `domain ${name} of ${config.name}, read ${io.now().toISOString()}`,
      ...(isOurs ? [] : ['this program did not make it: `plan` and `apply` need `--adopt`']),
    ]
    const text = renderTenantFile(draft, { head, isCommented: false })
    if (options.out === undefined) io.out(text)
    else await save(resolve(io.cwd, options.out), text)
    for (const one of left) io.err(`not in the file: ${one}\n`)
    return left.length > 0 ? 3 : 0
  } finally {
    await cloud.close()
  }
}
