/**
 * Is a folder of policies the charm's? Its hook empties the folder: at every config-changed and upgrade-charm while
 * `use-policyd-override` is false, and at every upgrade-charm otherwise. charmhelpers 1.2.1,
 * contrib/openstack/policyd.py, maybe_do_policyd_overrides and clean_policyd_dir_for.
 */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Finding } from '../../finding.ts'

/** Where a machine's agents are; only a unit of Keystone owns Keystone's folder. */
const agents = '/var/lib/juju/agents'

/** charm-keystone renders it beside the folder, under this head. */
const head = /maintained by Juju/i

export async function charmOwnedFinding(folder: string): Promise<Finding | undefined> {
  const beside = dirname(resolve(folder))
  const sign = (await saysSo(join(beside, 'keystone.conf'))) ?? (await hasUnit(beside))
  if (sign === undefined) return undefined
  return {
    code: 'delivery/charm-owned',
    severity: 'error',
    where: folder,
    message: `this folder belongs to the Keystone charm (${sign}): its hook empties it at the next change of any setting, without a word`,
    remedy: 'deliver by Juju instead: `--model openstack --application keystone` in the place of `--policy-dir`',
    owner: 'operator',
  }
}

async function saysSo(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return head.test(text) ? `\`${file}\` is maintained by Juju` : undefined
}

/** For the folder of the package alone: a container on the same machine may have another Keystone. */
async function hasUnit(beside: string): Promise<string | undefined> {
  if (beside !== '/etc/keystone') return undefined
  const names = await readdir(agents).catch((): string[] => [])
  const unit = names.find((name) => name.startsWith('unit-keystone-'))
  return unit === undefined ? undefined : `\`${join(agents, unit)}\` is here`
}
