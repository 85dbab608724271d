import { hostname, userInfo } from 'node:os'
import { InputError } from '../../errors.ts'
import { readBroken } from '../../tenant/evidence.ts'
import { withLock } from '../../tenant/lock.ts'
import { setAside } from '../../tenant/set-aside.ts'
import type { CommandContext } from '../context.ts'
import type { EvidenceSetAsideOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { loadTenantAlone } from '../tenant-command.ts'

/** The way on after the chain of evidence broke. Sends no request to a cloud. */
export async function evidenceSetAside(
  file: string,
  options: EvidenceSetAsideOptions,
  io: CommandContext,
): Promise<number> {
  const { home, tenant } = await loadTenantAlone(file, options, io)
  const name = tenant.spec.tenant
  return withLock(home.path, { command: 'evidence set-aside', pid: io.pid, clock: io }, async () => {
    const broken = await readBroken(home.evidence)
    if (broken === undefined)
      throw new InputError(`the chain of evidence of ${name} is whole, so there is nothing to set aside`)
    const { line, lines } = broken
    io.err(
      `the chain of evidence of ${name} on cloud ${tenant.spec.cloud} breaks at line ${line} of ${lines} (${home.evidence})\n` +
        'the file is kept beside; a new chain begins, and no stage counts as proved until it is proved again\n',
    )
    if (!(await isApproved(options, io))) return 0
    const by = `${userInfo().username}@${hostname()}`
    const kept = await setAside(home.evidence, broken, { by, note: options.note, now: io.now })
    print(io, options.output, { tenant: name, ok: true, setAside: kept, line, lines }, () =>
      [`set aside   ${kept}`, `next        tenant-onboard apply ${file}`, ''].join('\n'),
    )
    return 0
  })
}

async function isApproved(options: EvidenceSetAsideOptions, io: CommandContext): Promise<boolean> {
  if (options.yes === true) return true
  if (!io.isTerminal) throw new InputError('there is no terminal to ask on: give `--yes`')
  if (await io.confirm('set it aside?')) return true
  io.err('nothing was changed\n')
  return false
}
