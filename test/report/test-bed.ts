import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { goodOverride } from '../isolation/tenant-cloud.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

/** A tenant on a simulated cloud, as far along as a story needs it, and its report. */
export type ReportTestBed = SimulatedTestBed & {
  readonly file: string
  /** The report as a format, or what `--check` says of one. */
  report(...argv: readonly string[]): Promise<string>
  check(name: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  /** The data directory of the tenant. */
  readonly home: string
}

export type Progress = 'never run' | 'applied' | 'verified'

export async function openReportTestBed(progress: Progress, seed?: Parameters<typeof openSimulated>[0]) {
  const bed = await openSimulated(seed, { columns: 80 })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  const file = 'tenant.yaml'
  if (progress !== 'never run') expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  if (progress === 'verified') expect((await bed.run('verify', file)).code).toBe(0)
  return {
    ...bed,
    file,
    home: join(bed.folder, 'tenant-onboard', 'lab', 'acme'),
    async report(...argv: readonly string[]) {
      const { code, out, err } = await bed.run('report', file, ...argv)
      expect(code, err).toBe(0)
      return out
    },
    check: (name: string) => bed.run('report', file, '--check', name),
  } satisfies ReportTestBed
}

/** Options that put the policy of the simulated cloud beside what was tried. */
export async function policyOptions(bed: ReportTestBed): Promise<readonly string[]> {
  const { text } = await goodOverride('debian-22+oct-2026', 'default')
  await bed.write('domain-manager.yaml', text)
  return ['--override', 'domain-manager.yaml', '--base', 'default', '--release', 'debian-22+oct-2026']
}

/** Replaces words in a file, and insists that they were there. */
export async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}
