import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { probeRecord } from '../probe-record.ts'
import type { Report } from '../report.ts'
import type { GateReport, StageReport } from '../stage-report.ts'
import type { StageStanding } from '../standing.ts'
import { valueLabel } from '../value-label.ts'
import { count, okLabel, label, stageLabel, timeText } from '../labels.ts'
import { badge, citing, section, table } from './piece.ts'
import type { Cite } from './piece.ts'

export function stages({ stages: all, requests }: Report): Markup {
  const cite = citing(requests)
  return html`${section(
    'stages',
    'Stages',
    html`<p>
        Each stage ends with a gate, which is read back from the cloud. The state of a stage comes from that evidence
        alone.
      </p>
      ${table(
        'Stages, in order',
        [
          { title: 'Stage' },
          { title: 'State' },
          { title: 'Gate read' },
          { title: 'Claims' },
          { title: 'Acted and read' },
        ],
        all.map((stage) => [
          html`<a href="#stage-${stage.stage}">${stage.stage}</a>`,
          html`${badge(stageLabel(stage))}${stage.because === undefined ? '' : html` <span class="soft">${stage.because}</span>`}`,
          timeText(stage.at),
          claims(stage),
          stage.actors.join(', '),
        ]),
      )}`,
    true,
  )}${all.map((stage) => stagePart(stage, cite))}`
}

export function claims({ gates }: StageReport): string {
  const checks = gates.flatMap((gate) => gate.checks)
  return checks.length === 0 ? '' : `${checks.filter(({ ok }) => ok).length} of ${checks.length} hold`
}

function stagePart(stage: StageReport, cite: Cite): Markup {
  const { stage: name, standing, gates, because } = stage
  return html`<section id="stage-${name}">
    <h3>${name} ${badge(stageLabel(stage))}</h3>
    ${
      because === undefined ? '' : html`<p class="soft">${because}</p> `
    }${standing.length === 0 ? '' : standingTable(standing, cite)}${gates.map((gate) => gatePart(stage, gate, cite))}${gates.length === 0 ? html`<p class="soft">No gate of it was ever read.</p>` : ''}
  </section> `
}

function standingTable(standing: readonly StageStanding[], cite: Cite): Markup {
  return table(
    'Its resources',
    [
      { title: 'Name' },
      { title: 'Kind' },
      { title: 'Id' },
      { title: 'Made' },
      { title: 'Read last' },
      { title: 'Requests', kind: 'ids' },
    ],
    standing.map(({ name, kind, objectId, made, read, actor }) => [
      name,
      kind,
      objectId === undefined || objectId === name ? '' : html`<code>${objectId}</code>`,
      made === undefined
        ? html`<span class="soft">${read === undefined ? `not yet; ${actor} makes it` : 'existed already'}</span>`
        : `${madeWords(made.action)} by ${made.actor}, ${timeText(made.at)}`,
      read === undefined ? badge(label('not read', 'still')) : badge(okLabel(read.ok)),
      cite(made?.requestIds ?? []),
    ]),
  )
}

export function madeWords(action: 'create' | 'adopt' | 'update'): string {
  switch (action) {
    case 'create':
      return 'created'
    case 'adopt':
      return 'adopted'
    case 'update':
      return 'updated'
  }
}

function gatePart({ stage }: StageReport, gate: GateReport, cite: Cite): Markup {
  const { checks, at, serverTime, seq, hash } = gate
  const read = html`<p class="small soft">
    Gate <strong>${gate.gate}</strong>, read
    ${timeText(at)}${serverTime === undefined ? '' : html` (the cloud's clock: ${timeText(serverTime)})`}; record ${seq}
    of the evidence, <code>${hash}</code>
  </p> `
  const probes = checks.filter((check) => probeRecord(check) !== undefined)
  // the whole catalogue has its own part
  if (stage === 'isolation' && probes.length > 50) {
    const held = probes.filter(({ ok }) => ok).length
    return html`${read}
      <p>
        ${badge(okLabel(held === probes.length))} ${held} of ${count(probes.length, 'probe')} are as expected:
        <a href="#access">who may do what</a>, <a href="#probes">every probe</a>.
      </p> `
  }
  return html`${read}${table(
    'Claims and readings',
    [
      { title: 'Claim' },
      { title: 'Verdict' },
      { title: 'Read' },
      { title: 'By' },
      { title: 'Who could read it' },
      { title: 'Requests', kind: 'ids' },
    ],
    checks.map((check) => [
      check.claim,
      badge(okLabel(check.ok)),
      html`<span class="mono">${valueLabel(check.value)}</span>`,
      check.actor,
      check.reach === 'perimeter' ? 'only an operator' : 'the tenant too',
      cite(check.requestIds),
    ]),
  )}`
}
