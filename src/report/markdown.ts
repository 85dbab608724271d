import type { AccessMatrix } from './access.ts'
import { accessWords, paperWords } from './access-cell.ts'
import { code, heading, plain, rows, saidText, text } from './markdown-text.ts'
import type { Report } from './report.ts'
import { numbering, numbersOf } from './requests.ts'
import { clusterRow, networkRow, quotaRows, templateRow } from './sections/asked.ts'
import { byFamily, probeWords } from './sections/probes.ts'
import { claims } from './sections/stages.ts'
import { servicesWords, timesOf } from './sections/times.ts'
import type { StageReport } from './stage-report.ts'
import { valueLabel } from './value-label.ts'
import { count, durationText, okLabel, stageLabel, timeText, verdictLabel } from './labels.ts'

/** The report as GitHub-flavoured Markdown: for a ticket, a wiki, a review. The same data, in the same order. */
export function renderMarkdown(report: Report): string {
  const cite = citing(report)
  const parts = [
    summary(report),
    asked(report),
    stages(report),
    ...report.stages.map((one) => stage(one, cite)),
    access(report),
  ]
  const rest = [accounts(report), networks(report), times(report), findings(report), events(report), untested(report)]
  return [...parts, ...rest, recipes(report), probes(report, cite), requests(report)]
    .map((part) => `${part.trimEnd()}\n`)
    .join('\n')
}

function summary({ tenant, cloud, madeAt, version, verdict, evidence, catalogue, stages }: Report): string {
  const { text: answer } = verdictLabel(verdict)
  const tried = catalogue === undefined ? '' : `, ${count(catalogue.probes.length, 'probe')}`
  return `# Tenant ${text(tenant)} on ${text(cloud)}

**Is this tenant isolated? ${answer}.**

${verdict.because.map((because) => `- ${text(because)}\n`).join('')}
${rows(
  ['', ''],
  [
    ['Tried', `${verdict.at === undefined ? 'never' : timeText(verdict.at)}${tried}`],
    [
      'Head of the chain of evidence',
      evidence.head === undefined ? 'none' : `${code(evidence.head)}, ${count(evidence.records, 'record')}`,
    ],
    [
      'As expected',
      `${stages.filter(({ state, isAccepted }) => state === 'validated' && !isAccepted).length} of ${stages.length} stages are validated`,
    ],
    ['Made', `${timeText(madeAt)} by tenant-onboard ${version}, from that evidence alone`],
  ],
)}`
}

function asked({ asked: spec, file, evidence }: Report): string {
  const projects = spec.projects.map((project) =>
    heading(
      3,
      `Project ${spec.tenant}-${project.name}`,
      rows(
        ['What', 'Specified'],
        [...quotaRows(project.quotas), ...networkRow(project), ...templateRow(project), ...clusterRow(project)].map(
          (row) => row.map(text),
        ),
      ),
    ),
  )
  return heading(2, 'Specification', `File ${code(file)}, ${code(evidence.digests.spec)}.\n\n${projects.join('\n')}`)
}

function stages({ stages: all }: Report): string {
  return heading(
    2,
    'Stages',
    rows(
      ['Stage', 'State', 'Gate read', 'Claims', 'Acted and read', 'Because'],
      all.map((one) => [
        one.stage,
        saidText(stageLabel(one)),
        timeText(one.at),
        claims(one),
        one.actors.join(', '),
        text(one.because ?? ''),
      ]),
    ),
  )
}

function stage({ stage: name, standing, gates }: StageReport, cite: Cite): string {
  const made = rows(
    ['Name', 'Kind', 'Id', 'Made', 'Requests'],
    standing.map(({ name: called, kind, objectId, made: by }) => [
      text(called),
      text(kind),
      objectId === undefined ? '' : code(objectId),
      by === undefined ? '' : `${by.action} by ${by.actor}, ${timeText(by.at)}`,
      cite(by?.requestIds ?? []),
    ]),
  )
  const read = gates.map(({ gate, at, seq, hash, checks }) => {
    const head = `Gate ${gate}, ${timeText(at)}; record ${seq}, ${code(hash)}`
    if (checks.length > 50)
      return `${head}\n\n${checks.filter(({ ok }) => ok).length} of ${checks.length} hold; each is listed under the probes.\n`
    const table = rows(
      ['Claim', 'Verdict', 'Read', 'By', 'Requests'],
      checks.map((check) => [
        text(check.claim),
        saidText(okLabel(check.ok)),
        text(valueLabel(check.value)),
        check.actor,
        cite(check.requestIds),
      ]),
    )
    return `${head}\n\n${table}`
  })
  return heading(3, `Stage ${name}`, [...(standing.length === 0 ? [] : [made]), ...read].join('\n') || 'Never run.\n')
}

function access({ access: matrix, claims: all, paper }: Report): string {
  const table = matrix.rows.length === 0 ? 'Not tried yet.\n' : accessRows(matrix)
  const ground =
    paper === undefined
      ? 'No policy was given to this report.'
      : `On paper: Keystone ${text(paper.release)}, base ${text(paper.base)}, ${paper.overrides.map(({ file, digest }) => `${code(file)} ${code(digest)}`).join(', ') || 'no override'}.`
  const sides = rows(
    ['Claim', 'On paper', 'On the cloud'],
    all.map(({ title, paper: proof, tried }) => [
      text(title),
      proof?.verdict ?? '',
      tried === undefined ? '' : `${saidText(okLabel(tried.ok))}: ${tried.held} of ${tried.probes} probes`,
    ]),
  )
  return heading(2, 'Access', all.length === 0 ? table : `${table}\n${ground}\n\n${sides}`)
}

function accessRows({ columns, rows: all }: AccessMatrix): string {
  return rows(
    ['Action', ...columns.map(({ who, where }) => `${who}: ${where}`)],
    all.map(({ action, cells }) => [
      code(action),
      ...columns.map(({ id }) => {
        const cell = cells[id]
        if (cell === undefined) return ''
        return `${accessWords(cell).text}${cell.paper === undefined ? '' : ` (${paperWords(cell.paper)})`}`
      }),
    ]),
  )
}

function accounts({ accounts: all }: Report): string {
  return heading(
    2,
    'Accounts and roles',
    rows(
      ['Account', 'Acts as', 'Signs in by', 'Holds', 'In effect', 'As expected'],
      all.map(({ name, actor, signsInBy, asked: wanted, direct, effective, ok }) => [
        text(name),
        actor,
        signsInBy,
        text(direct === undefined ? `asked: ${wanted.join(', ')}` : direct.join(', ')),
        text((effective ?? []).join(', ')),
        ok === undefined ? 'not read' : saidText(okLabel(ok)),
      ]),
    ),
  )
}

function networks({ networks: all }: Report): string {
  const lines = all.map(({ project, external, router, snat, network, subnet, cluster }) => {
    const hops = [
      external ?? 'external network not known',
      `router ${router.name} (${router.status ?? 'not read'}${snat.addresses.length === 0 ? '' : `, ${snat.addresses.join(', ')}`})`,
      `${network.name}, ${subnet.name} ${subnet.cidr ?? ''}`,
      ...(cluster === undefined ? [] : [`cluster ${cluster.name} (${cluster.status ?? 'not read'})`]),
    ]
    return `- ${text(project)}: ${hops.map(text).join(' -- ')}\n`
  })
  return heading(2, 'The network', lines.join('') || 'No project asks for a network.\n')
}

function times(report: Report): string {
  const table = rows(
    ['Stage', 'Took', 'Waited for'],
    timesOf(report).map((time) => [
      time.gate === 'accepted' ? `${time.stage}, accepted` : time.stage,
      durationText(time.milliseconds),
      servicesWords(time),
    ]),
  )
  return heading(2, 'Time', table)
}

function findings({ findings: all }: Report): string {
  const lines = all.map(
    ({ severity, code: name, where, message, remedy, owner, stage: at }) =>
      `- **${severity}** ${code(name)} (${at}), ${text(where)}: ${text(message)}${remedy === undefined ? '' : `. Remedy, by the ${owner}: ${text(remedy)}`}\n`,
  )
  return heading(2, 'Findings', lines.join('') || 'None.\n')
}

function events({ events: all }: Report): string {
  const lines = all.map(({ at, text: event }) => `- ${timeText(at)}: ${text(event)}\n`)
  return heading(2, 'Other events', lines.join('') || 'Nothing.\n')
}

function untested({ untested: all }: Report): string {
  const table = rows(
    ['What', 'Why', 'How to show it'],
    all.map(({ what, why, remedy }) => [text(what), text(why), remedy === undefined ? '' : code(remedy)]),
  )
  return heading(2, 'Not tested', table)
}

function recipes({ recipes: all }: Report): string {
  const parts = all.map(
    ({ title, as, commands, expect }) =>
      `**${text(title)}** (as ${as})\n\n${commands.map((command) => `    ${plain(command)}\n`).join('')}\nExpect: ${text(expect)}.\n`,
  )
  return heading(2, 'How to check it yourself', parts.join('\n'))
}

function probes({ catalogue }: Report, cite: Cite): string {
  const parts = [...byFamily(catalogue?.probes ?? [])].map(([family, tried]) =>
    heading(
      3,
      `Probes: ${family}`,
      rows(
        ['Probe', 'Verdict', 'The cloud said', 'Requests'],
        tried.map((probe) => [
          `${code(probe.id ?? '')} ${text(probe.claim)}`,
          saidText(probeWords(probe)),
          text(probe.detail),
          cite(probe.requestIds),
        ]),
      ),
    ),
  )
  return heading(2, 'Every probe', parts.join('\n') || 'The catalogue was not tried.\n')
}

function requests({ requests: all }: Report): string {
  const table = rows(
    ['No.', 'Id', 'When', 'Who', 'What', 'Answer'],
    all.map(({ number, id, at, actor, service, method, path, status }) => [
      String(number),
      code(id),
      timeText(at),
      text(actor),
      `${service} ${code(`${method} ${path}`)}`,
      String(status ?? ''),
    ]),
  )
  return heading(2, 'Every request', table)
}

/** Numbers of requests: `1-12, 14`. */
type Cite = (ids: readonly string[]) => string

function citing({ requests: all }: Report): Cite {
  const numbers = numbering(all)
  return (ids) =>
    numbersOf(ids, numbers)
      .map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`))
      .join(', ')
}
