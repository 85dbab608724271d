import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { isBlocked, verdictOf } from '../../finding.ts'
import { renderJUnit, verificationJson } from '../../isolation/render.ts'
import { verify } from '../../isolation/verify.ts'
import type { CommandContext } from '../context.ts'
import { save } from '../save.ts'
import type { VerifyOptions as VerifyCommandOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import { renderVerification } from '../views/verify.ts'

/** Attacks the isolation of a tenant from all sides. Removes everything that it makes. */
export async function verifyCommand(file: string, options: VerifyCommandOptions, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const name = loaded.tenant.spec.tenant
  const cloud = await openCloud(loaded, options, io)
  try {
    const verification = await verify({
      ...cloud,
      command: 'verify',
      pid: io.pid,
      random: randomBytes,
      onSubstitute: (since) => {
        io.err(
          `${name} holds its own credentials since ${since.slice(0, 10)}: a throwaway domain with its own manager is tested in its place\n`,
        )
      },
    })
    if (options.junit !== undefined) await save(resolve(io.cwd, options.junit), renderJUnit(name, verification))
    print(io, options.output, verificationJson(name, verification), () =>
      renderVerification(io, name, verification, options.verbose === true),
    )
    // a refusal that was seen stays one, however the rest ended
    if (verification.unfinished !== undefined && verdictOf(verification.findings) !== 'refuted') return 4
    return isBlocked(verification.findings) ? 3 : 0
  } finally {
    await cloud.close()
  }
}
