import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { buildOverride } from '../../policy/build/override.ts'
import { parseRelease } from '../../policy/releases/release.ts'
import { loadKeystone } from '../../policy/releases/keystone.ts'
import { overrideName } from '../../policy/build/zip.ts'
import { createCloud } from '../../simulator/cloud.ts'
import { operatorEnvironment } from '../../simulator/clouds-yaml.ts'
import { PRESETS } from '../../simulator/presets.ts'
import { privateFolder } from '../../tenant/private-file.ts'
import { applyCommand } from './apply.ts'
import type { CommandContext } from '../context.ts'
import { demoRoot } from '../home-root.ts'
import type { DemoOptions } from '../definitions/tenant.ts'
import { paint, wrap } from '../output.ts'
import { readShippedText } from '../shipped.ts'
import { reportCommand } from './report.ts'
import { verifyCommand } from './verify.ts'

/**
 * Onboards the example tenant on an OpenStack in this process, attacks its isolation and leaves a report. It runs the
 * same commands as for a real cloud.
 */
export async function demo(options: DemoOptions, io: CommandContext): Promise<number> {
  const root = demoRoot(options, io)
  await emptyRoot(root)
  const folder = join(root, 'demo')
  await mkdir(folder, { mode: 0o700 })
  const file = join(folder, 'tenant.yaml')
  await writeFile(
    file,
    (await readShippedText('examples', 'acme', 'tenant.yaml')).replace(/^cloud: .*$/m, 'cloud: demo'),
  )

  const cloud = createCloud(undefined, { pace: { clusterAccepted: 20, clusterCreated: 400 } })
  const env = operatorEnvironment(cloud)
  io.err('an OpenStack in this process; nothing leaves this machine\n\n')
  const apply = { home: root, yes: true, wait: true, output: options.output } as const
  const inside = { ...io, env, fetch: cloud.fetch }
  const applied = await applyCommand(file, apply, inside)
  if (applied !== 0) return applied
  // the commands print what a person reads; `-o json` and `-o yaml` print one document, that of `apply`
  const quiet = options.output !== 'text' ? { ...inside, out: () => undefined } : inside
  io.err('\nattacking its isolation with throwaway objects\n')
  const verified = await verifyCommand(file, { home: root, output: 'text' }, quiet)
  quiet.out('\n')
  const policy = await writePolicy(folder)
  const reported = await reportCommand(file, { home: root, output: 'text', ...policy }, quiet)
  if (options.output === 'text') io.out(next(file, io))
  return Math.max(verified, reported)
}

/** Lies in what a demo has made, and in nothing else. */
const markName = 'made-by-demo'

/** The cloud is new each time, so data of the last one is useless. Removes only what a demo has made. */
async function emptyRoot(root: string): Promise<void> {
  const found = await lstat(root).catch(() => undefined)
  if (found !== undefined) {
    const names = found.isDirectory() ? await readdir(root) : undefined
    if (names === undefined || (names.length > 0 && !names.includes(markName)))
      throw new InputError(`\`${root}\` was not made by a demo, so it stays: give another folder with \`--home\``)
    await rm(root, { recursive: true })
  }
  await privateFolder(root)
  await writeFile(join(root, markName), 'The next demo removes this folder.\n', { mode: 0o600 })
}

/** The policy of this cloud, so that the report can say what it allows on paper. */
async function writePolicy(folder: string) {
  const { release, base } = PRESETS['zed-patched']
  const keystone = await loadKeystone(parseRelease(release))
  const override = join(folder, overrideName)
  await writeFile(override, buildOverride(keystone, { base: { kind: base } }).text)
  return { release, base, override: [override] }
}

function next(file: string, io: CommandContext): string {
  const made = wrap(
    'Made by the operator: the domain, its domain manager, the quotas. By the domain manager: the project and two accounts. By acme-svc with its application credential: the network. By acme-cluster with its password: the keypair, the template, the cluster.',
    io.columns,
  )
  return `
${made.join('\n')}

${paint(io, 'bold', 'Next, on your own cloud')}
  1. give clouds.yaml an entry of an admin, for example \`prod\`
  2. tenant-onboard policy advise --cloud prod
     and type the two commands that it prints: they build and attach the policy
  3. cp ${file} tenant.yaml
     and write \`cloud: prod\`, your names, quotas and prefix into it
  4. tenant-onboard preflight tenant.yaml --probe
  5. tenant-onboard plan tenant.yaml
  6. tenant-onboard apply tenant.yaml
(in a checkout: node dist/tenant-onboard.js)
`
}
