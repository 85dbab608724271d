import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { beyondRules } from '../../policy/build/beyond-rules.ts'
import { buildOverride } from '../../policy/build/override.ts'
import type { Override } from '../../policy/build/override.ts'
import { horizonFiles, horizonZip } from '../../policy/build/horizon.ts'
import { keystoneRules, loadKeystone } from '../../policy/releases/keystone.ts'
import { releases, releaseWith } from '../../policy/releases/release.ts'
import { prove } from '../../policy/prove/prove.ts'
import type { Proof } from '../../policy/prove/prove.ts'
import { overrideName, zipOverride } from '../../policy/build/zip.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../output.ts'
import { save } from '../save.ts'
import type { PolicyBuildOptions } from '../definitions/policy.ts'
import { command } from '../policy-commands.ts'
import { loadPolicySubject } from '../policy-subject.ts'

/**
 * Builds the override for a base and proves it on that base. Exit 3: the file is written, but a claim is not proved. Where only the
 * dashboard's files are asked for, there is no override and nothing to prove.
 */
export async function policyBuildCommand(options: PolicyBuildOptions, io: CommandContext): Promise<number> {
  const horizon = await writeHorizon(options, io)
  if (horizon !== undefined && options.out === undefined && options.zip === undefined) {
    print(io, options.output, { horizon }, () => renderHorizon(horizon))
    return 0
  }
  const { keystone, base } = await loadPolicySubject(options, io)
  const managedRoles = options.managedRoles
  const override = buildOverride(keystone, {
    base,
    magnumDomain: options.magnumDomain,
    ...(managedRoles === undefined ? {} : { managedRoles }),
  })
  const files = [{ file: overrideName, text: override.text }]
  const proof = prove(keystone, {
    rules: keystoneRules(keystone, { base, overrides: files }),
    base: keystoneRules(keystone, { base }),
    managedRoles: override.managedRoles,
    magnumDomain: options.magnumDomain,
  })
  const zip = zipOverride(override.text)
  if (options.out !== undefined) await save(resolve(io.cwd, options.out), override.text, 'policy')
  if (options.zip !== undefined) await save(resolve(io.cwd, options.zip), zip, 'policy')
  const digests = { sha256: sha256(override.text), zipSha256: sha256(zip) }
  if (options.output !== 'text') print(io, options.output, { ...dataOf(override, proof, digests), horizon }, () => '')
  else if (options.out === undefined && options.zip === undefined) io.out(override.text)
  else io.out(`${renderFiles(options, digests)}${horizon === undefined ? '' : renderHorizon(horizon)}`)
  const open = proof.answers.filter(({ verdict }) => verdict !== 'proved')
  for (const { title, verdict } of open) io.err(`not proved: ${title} (${verdict})\n`)
  if (open.length > 0)
    for (const sentence of beyondRules(keystone.release)) io.err(`only an update helps: ${sentence}\n`)
  if (open.length > 0 && options.out !== undefined) {
    const file = { path: options.out, text: override.text }
    io.err(`\`${command('prove', { cloud: '', way: '', file })}\` shows the requests that break it\n`)
  }
  return open.length > 0 ? 3 : 0
}

type Written = { readonly file: string; readonly sha256: string }

/** Writes what `--horizon` and `--horizon-zip` ask for; `undefined` if neither is there. */
async function writeHorizon(
  { horizon, horizonZip: zipFile }: PolicyBuildOptions,
  io: CommandContext,
): Promise<readonly Written[] | undefined> {
  if (horizon === undefined && zipFile === undefined) return undefined
  const keystones = await Promise.all(releases.map((name) => loadKeystone(releaseWith(name))))
  const files = [
    ...(horizon === undefined
      ? []
      : horizonFiles(keystones).map(({ path, text }) => ({ file: join(horizon, path), content: text }))),
    ...(zipFile === undefined ? [] : [{ file: zipFile, content: horizonZip(keystones) }]),
  ]
  for (const { file, content } of files) {
    const path = resolve(io.cwd, file)
    if (file !== zipFile) await mkdir(dirname(path), { recursive: true }).catch(() => undefined) // `save` says why not
    await save(path, content, 'policy')
  }
  return files.map(({ file, content }) => ({ file, sha256: sha256(content) }))
}

function renderHorizon(written: readonly Written[]): string {
  return written.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join('')
}

type Digests = { readonly sha256: string; readonly zipSha256: string }

function dataOf(override: Override, proof: Proof, digests: Digests) {
  const { family, managedRoles, rules, losses, text } = override
  const claims = proof.answers.map(({ claim, verdict }) => ({ claim, verdict }))
  return { family, managedRoles, rules, losses, claims, assumptions: proof.assumptions, ...digests, text }
}

function renderFiles({ out, zip }: PolicyBuildOptions, digests: Digests): string {
  const lines = [
    ...(out === undefined ? [] : [`${digests.sha256}  ${out}\n`]),
    ...(zip === undefined ? [] : [`${digests.zipSha256}  ${zip}\n`]),
  ]
  return lines.join('')
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
