import { InputError } from '../../errors.ts'
import { isSameAddress } from '../../openstack/address.ts'
import { cloudHomeOf } from '../../tenant/home.ts'
import { expectedKeystone, inCommon, readKeystone } from '../../tenant/keystone.ts'
import { withLock } from '../../tenant/lock.ts'
import { connectTo, loadOperator } from '../connection.ts'
import { confirmOn } from '../cloud-question.ts'
import type { CommandContext } from '../context.ts'
import type { CloudMoveOptions } from '../definitions/tenant.ts'
import { homeRoot } from '../home-root.ts'
import { print } from '../output.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { renderCloud } from '../views/plan.ts'

/**
 * A cloud has a new address: the same Keystone has to answer there, and a person has to say yes. Changes nothing but the address that
 * the data directory remembers.
 */
export async function cloudMoveCommand(name: string, options: CloudMoveOptions, io: CommandContext): Promise<number> {
  const folder = cloudHomeOf(homeRoot(options, io), name)
  const kept = await readKeystone(folder)
  if (kept?.authUrl === undefined)
    throw new InputError(`\`${folder}\` does not say which Keystone it belongs to, so there is nothing to move`)
  const from = kept.authUrl
  const config = await loadOperator(options, { name, path: folder }, io)
  const to = config.endpoint.authUrl
  const result = { cloud: name, from, to, isMoved: !isSameAddress(from, to) }
  if (!result.isMoved) {
    print(io, options.output, result, () => `\`${folder}\` belongs to the cloud at ${from} already\n`)
    return 0
  }
  const expected = await expectedKeystone({ cloud: folder, tenants: [] }, config.endpoint, { takesAddress: true })
  const { operator, keystone, used, close } = await connectTo(expected, config, options, io)
  try {
    const same = inCommon(kept, await operator.token())
    if (same.length === 0)
      throw new InputError(
        `it cannot be shown that the Keystone at ${to} is that of \`${folder}\`: its catalog has no service that the data directory knows`,
      )
    const services = same.map(({ type }) => type).join(', ')
    io.err(
      `${renderCloud(io, used())}\`${folder}\` belongs to the cloud at ${from}\nthe same Keystone: ${same.length} of ${kept.services.length} services have the same id (${services})\n`,
    )
    if (!(await isApproved(used(), options, io))) return 0
    await withLock(folder, { command: 'cloud move', pid: io.pid, clock: io }, () => keystone.remember())
    print(
      io,
      options.output,
      result,
      () =>
        `\`${folder}\` belongs to the cloud at ${to} now; \`apply\` proves each tenant there again, and \`handover --again\` tells its address to a tenant that holds its own secrets\n`,
    )
    return 0
  } finally {
    await close()
  }
}

async function isApproved(used: UsedCloud, { yes }: CloudMoveOptions, io: CommandContext): Promise<boolean> {
  if (yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await confirmOn(used, 'is this the same cloud, at its new address?', io)) return true
  io.err('nothing was changed\n')
  return false
}
