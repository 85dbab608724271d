import { readdir } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { renderReport } from '../../report/format.ts'
import type { ReportFormat } from '../../report/format.ts'
import { bundle } from '../../report/bundle.ts'
import { policyOnPaper } from '../../report/paper.ts'
import type { PolicyOnPaper } from '../../report/paper.ts'
import { reportOf } from '../../report/report.ts'
import type { Report } from '../../report/report.ts'
import { verdictLabel } from '../../report/view/label.ts'
import { privateFolder, writePrivate } from '../../tenant/private-file.ts'
import { readEvidence } from '../../tenant/evidence.ts'
import { managedRolesOf } from '../../tenant/cloud-facts.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import { loadTenant } from '../tenant-command.ts'
import { readText } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import { save } from '../save.ts'
import type { ReportOptions } from '../definitions/tenant.ts'
import { paint, table, wrap } from '../output.ts'
import { loadPolicySubject, readOverrides } from '../policy-subject.ts'
import { checkCommand } from '../views/report-check.ts'
import { todaysDigests } from '../todays-digests.ts'
import { version } from '../version.ts'

/** Makes a report from the evidence, checks one against it, or packs a support case. Sends no request to a cloud. */
export async function reportCommand(file: string, options: ReportOptions, io: CommandContext): Promise<number> {
  if (options.check !== undefined && (options.out !== undefined || options.bundle !== undefined))
    throw new InputError('`--check` only reads a report; leave out `--out` and `--bundle`')
  if (options.check !== undefined && options.output !== 'text' && options.output !== 'json')
    throw new InputError('`--check` prints text or json')
  const loaded = await loadTenant(file, options, io)
  const records = await readEvidence(loaded.home.evidence)
  const today = await todaysDigests(loaded, options, io, records)
  const paper = await readPaper(loaded, options, io)
  if (options.check !== undefined)
    return checkCommand(
      options.check,
      { loaded, records, today, paper },
      options.output === 'json' ? 'json' : 'text',
      io,
    )
  const report = reportOf({
    tenant: loaded.tenant,
    authUrl: today.authUrl,
    today: today.digests,
    file,
    records,
    madeAt: io.now().toISOString(),
    version,
    paper,
  })
  if (options.output !== 'text') io.out(renderReport(report, options.output))
  const written = await write(report, loaded, options, io)
  if (options.output === 'text') io.out(summary(report, { file, home: options.home }, written, io))
  return 0
}

/**
 * Without a policy the report says nothing about it on paper: only the operator knows which one the cloud runs with.
 */
async function readPaper(
  { tenant }: LoadedTenant,
  options: ReportOptions,
  io: CommandContext,
): Promise<PolicyOnPaper | undefined> {
  const { override = [], base, release, magnumDomainId } = options
  if (override.length === 0 && base === undefined && release === undefined) return undefined
  const subject = await loadPolicySubject(options, io)
  const overrides = await readOverrides(override, subject, io)
  return policyOnPaper(subject.keystone, {
    base: subject.base,
    overrides,
    managedRoles: managedRolesOf(tenant.facts),
    magnumDomainId,
  })
}

/** Writes to the given file, or to the data directory if stdout was not requested. */
async function write(
  report: Report,
  loaded: LoadedTenant,
  options: ReportOptions,
  io: CommandContext,
): Promise<readonly (readonly [string, string])[]> {
  const written: (readonly [string, string])[] = []
  if (options.out !== undefined) {
    const path = resolve(io.cwd, options.out)
    await save(path, renderReport(report, formatOfName(options.out)))
    written.push(['report', path])
  } else if (options.output === 'text' && options.bundle === undefined) {
    const path = join(loaded.home.path, 'report.html')
    await privateFolder(loaded.home.path)
    await writePrivate(path, renderReport(report, 'html'))
    written.push(['report', path])
  }
  if (options.bundle !== undefined) {
    const path = resolve(io.cwd, options.bundle)
    await save(path, await packed(report, loaded, io))
    written.push(['bundle', path])
  }
  return written
}

function formatOfName(name: string): ReportFormat {
  switch (extname(name).toLowerCase()) {
    case '.html':
    case '.htm':
      return 'html'
    case '.json':
      return 'json'
    case '.md':
    case '.markdown':
      return 'markdown'
    default:
      throw new InputError(`\`--out ${name}\`: use a name that ends in .html, .json or .md`)
  }
}

async function packed(report: Report, { file, home, secrets }: LoadedTenant, io: CommandContext): Promise<Uint8Array> {
  const files = [
    { name: 'tenant.yaml', text: await readText(resolve(io.cwd, file)) },
    { name: 'cloud.yaml', text: await readText(home.cloudFile) },
    { name: 'evidence.jsonl', text: await readText(home.evidence) },
    { name: 'progress.jsonl', text: await readText(home.progress) },
    { name: 'report.html', text: renderReport(report, 'html') },
    { name: 'report.json', text: renderReport(report, 'json') },
    { name: 'about.txt', text: about(report) },
  ]
  const names = await readdir(home.secrets).catch(() => [])
  // a secret that was read is masked from then on
  await Promise.all(names.map((name) => secrets.read(name)))
  return bundle(
    files.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }])),
    { home: io.home },
  )
}

function about({ tenant, cloud, madeAt }: Report): string {
  return `tenant ${tenant} on cloud ${cloud}\ntenant-onboard ${version}\n${madeAt}\n
This bundle has no secrets. It has names, ids and addresses of the tenant; read it before you send it.\n`
}

function summary(
  report: Report,
  { file, home }: { readonly file: string; readonly home: string | undefined },
  written: readonly (readonly [string, string])[],
  io: CommandContext,
): string {
  const { tenant, verdict, evidence } = report
  const { text: message, tone } = verdictLabel(verdict.answer)
  const color = tone === 'good' ? 'green' : tone === 'bad' ? 'red' : 'yellow'
  const head = paint(io, color, `${tenant}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`)
  const because = verdict.because.flatMap((one) => wrap(one, io.columns - 2)).map((line) => `  ${line}\n`)
  const [first] = written
  const where = home === undefined ? '' : ` --home ${home}`
  const rows = [
    ...written,
    ['head', evidence.head ?? 'there is no evidence yet'] as const,
    ...(first?.[0] === 'report'
      ? [['check', `tenant-onboard report ${file}${where} --check ${first[1]}`] as const]
      : []),
  ]
  return `${head}\n${because.join('')}${table(rows, io.columns)}`
}
