/** Delivery into a folder of `[oslo_policy] policy_dirs`, of plain packages. */
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, invariant } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { parsePolicyFile, sortPolicyFiles } from '../../policy/engine/file.ts'
import type { PolicyText } from '../../policy/releases/keystone.ts'
import { overrideName } from '../../policy/build/zip.ts'
import type { DeliveryBackend, FolderDetail, DeliveredState } from './backend.ts'
import { charmOwnedFinding } from './charm-owned.ts'
import { sha256 } from '../digest.ts'
import { placeFile, readPlaced, removePlaced, sweepBeside } from './file-swap.ts'
import type { Snapshot } from '../record.ts'
import { readInput } from '../../tenant/input-file.ts'

export function folderBackend(path: string, now: () => Date): DeliveryBackend {
  return {
    route: `folder ${path}`,
    look: () => look(path, now()),
    plan: (standing, text) => plan(path, detailOf(standing), text),
    async keep(standing, record) {
      const { file } = detailOf(standing)
      if (file === undefined) return { kind: 'none' }
      const { bytes, mode, uid, gid } = file
      return { kind: 'file', sha256: await record.keep(bytes), mode, uid, gid }
    },
    async deliver(standing, text) {
      const { file, fresh } = detailOf(standing)
      const { mode, uid, gid } = file ?? fresh
      await sweepBeside(path, overrideName)
      await placeFile(path, overrideName, { bytes: new TextEncoder().encode(text), mode, uid, gid })
    },
    async restore(previous, record) {
      await sweepBeside(path, overrideName)
      if (previous.kind === 'file') {
        const { mode, uid, gid } = previous
        await placeFile(path, overrideName, { bytes: await record.kept(previous.sha256), mode, uid, gid })
      } else await removePlaced(path, overrideName)
    },
    isAs: (standing, previous) => isAs(detailOf(standing), previous),
  }
}

function isAs({ file }: FolderDetail, previous: Snapshot): boolean {
  if (previous.kind !== 'file') return file === undefined
  const { sha256: digest, mode, uid, gid } = previous
  return (
    file !== undefined && sha256(file.bytes) === digest && file.mode === mode && file.uid === uid && file.gid === gid
  )
}

async function look(path: string, now: Date): Promise<DeliveredState> {
  const folder = await stat(path).catch(() => undefined)
  if (folder?.isDirectory() !== true)
    throw new InputError(
      `\`${path}\` is not a folder: name one of \`[oslo_policy] policy_dirs\`, as this machine sees it`,
    )
  const names = await readdir(path)
  const file = await readPlaced(join(path, overrideName))
  const { others, findings } = await readOthers(path, names)
  const owned = await charmOwnedFinding(path)
  return {
    text: file === undefined ? undefined : new TextDecoder('utf-8').decode(file.bytes),
    others,
    findings: [...(owned === undefined ? [] : [owned]), ...(await laterThanNow(path, names, now)), ...findings],
    detail: {
      kind: 'folder',
      file,
      // every account that may enter may read: 0755 gives 0644, 0750 gives 0640
      fresh: { mode: (folder.mode & 0o444) | 0o200, uid: folder.uid, gid: folder.gid },
    },
  }
}

type Others = { readonly others: readonly PolicyText[]; readonly findings: readonly Finding[] }

async function readOthers(path: string, names: readonly string[]): Promise<Others> {
  const others: PolicyText[] = []
  const findings: Finding[] = []
  for (const name of sortPolicyFiles(names)) {
    if (name === overrideName || !(await lstat(join(path, name))).isFile()) continue
    try {
      const text = (await readInput(join(path, name))) ?? ''
      parsePolicyFile(text, { file: join(path, name) })
      others.push({ file: name, text })
      findings.push(another(path, name, undefined))
    } catch (error) {
      // its faults are not ours, and do not stop a rollback
      findings.push(another(path, name, error instanceof Error ? error.message : 'it cannot be read'))
    }
  }
  return { others, findings }
}

function another(path: string, name: string, problem: string | undefined): Finding {
  return {
    code: 'delivery/another-file',
    severity: problem === undefined ? 'warning' : 'error',
    where: join(path, name),
    message:
      problem === undefined
        ? `\`${name}\` is in the same folder, and Keystone loads both; for a rule in both files, the later file name counts`
        : `\`${name}\` is in the same folder and does not load: ${problem}`,
    remedy:
      problem === undefined
        ? 'keep one file with overrides'
        : 'correct or remove it: Keystone answers 500 while it is there',
    owner: 'operator',
  }
}

/**
 * The library looks at the newest time in the folder, the folder's own included, and loads again only if it is later
 * than before. So a time in the future hides every change until then. oslo.policy 4.0.0, _is_directory_updated.
 */
async function laterThanNow(path: string, names: readonly string[], now: Date): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const name of ['.', ...names]) {
    const { mtime } = await lstat(join(path, name))
    if (mtime.getTime() <= now.getTime() + 1000) continue
    findings.push({
      code: 'delivery/time-ahead',
      severity: 'error',
      where: join(path, name),
      message: `\`${join(path, name)}\` has a change time in the future (${mtime.toISOString()}): until then Keystone sees no change in this folder`,
      remedy: `correct the clock, then \`touch ${join(path, name)}\``,
      owner: 'operator',
    })
  }
  return findings
}

function plan(path: string, { file, fresh }: FolderDetail, text: string): readonly string[] {
  const target = join(path, overrideName)
  const { mode, uid, gid } = file ?? fresh
  const bytes = new TextEncoder().encode(text)
  const what = `${bytes.length} bytes, sha256 ${sha256(bytes)}`
  const as = `mode ${mode.toString(8).padStart(4, '0')}, owner ${uid}:${gid}`
  if (file === undefined) return [`write ${target}: ${what}; ${as}`]
  if (sha256(file.bytes) === sha256(bytes)) return [`keep ${target}: it is this file already`]
  return [
    `store ${target} in the record: ${file.bytes.length} bytes, sha256 ${sha256(file.bytes)}`,
    `replace it: ${what}; ${as}`,
  ]
}

function detailOf({ detail }: DeliveredState): FolderDetail {
  invariant(detail.kind === 'folder', 'a folder was looked at')
  return detail
}
