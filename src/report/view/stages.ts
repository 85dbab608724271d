import { probeRecord } from '../probe-record.ts'
import type { Report } from '../report.ts'
import type { GateReport, StageReport } from '../stage-report.ts'
import type { StageStanding } from '../standing.ts'
import { paragraph, section, table } from './block.ts'
import type { Block, SectionView } from './block.ts'
import { checkView } from './check.ts'
import { count } from './count.ts'
import { label, okLabel, stageLabel } from './label.ts'
import { madeText } from './made.ts'
import { citing } from './requests.ts'
import type { Cite } from './requests.ts'
import { aside, code, strong, time } from './text.ts'
import type { Text } from './text.ts'

/** All stages in one table, then each with what it consists of and what its gates read. */
export function stages({ stages: all, requests }: Report): readonly SectionView[] {
  const cite = citing(requests)
  const overview = section(
    'stages',
    'Stages',
    paragraph(
      'Each stage ends with a gate, and a gate is what was read back from the cloud. A state comes from that evidence and from nothing else.',
    ),
    table(
      'Stages, in order',
      ['Stage', 'State', 'Gate read', 'Claims', 'Acted and read'],
      all.map((stage) => [
        { kind: 'part', id: idOf(stage), text: stage.stage },
        [
          stageLabel(stage.state, stage.isAccepted),
          ...(stage.because === undefined ? [] : [' ', aside(stage.because)]),
        ],
        time(stage.at),
        heldClaims(stage),
        stage.actors.join(', '),
      ]),
    ),
  )
  return [overview, ...all.map((stage) => stageSection(stage, cite))]
}

export function idOf({ stage }: StageReport): string {
  return `stage-${stage}`
}

function heldClaims({ gates }: StageReport): string {
  const checks = gates.flatMap((gate) => gate.checks)
  return checks.length === 0 ? '' : `${checks.filter(({ ok }) => ok).length} of ${checks.length} hold`
}

function stageSection(stage: StageReport, cite: Cite): SectionView {
  const { stage: name, state, isAccepted, standing, gates, because } = stage
  return {
    id: idOf(stage),
    title: `Stage ${name}`,
    level: 3,
    label: stageLabel(state, isAccepted),
    blocks: [
      ...(because === undefined ? [] : [paragraph(aside(because))]),
      ...(standing.length === 0 ? [] : [standingTable(standing, cite)]),
      ...gates.flatMap((gate) => gateBlocks(stage, gate, cite)),
      ...(gates.length === 0 ? [paragraph(aside('No gate of it was ever read.'))] : []),
    ],
  }
}

function standingTable(standing: readonly StageStanding[], cite: Cite): Block {
  return table(
    'Its resources',
    ['Name', 'Kind', 'Id', 'Made', 'Read last', { title: 'Requests', holds: 'requests' }],
    standing.map((one) => [
      one.name,
      one.kind,
      one.objectId === undefined || one.objectId === one.name ? '' : code(one.objectId),
      howMade(one),
      one.read === undefined ? label('not read', 'still') : okLabel(one.read.ok),
      cite(one.made?.requestIds ?? []),
    ]),
  )
}

function howMade({ made, read, actor }: StageStanding): Text {
  if (made !== undefined) return [`${madeText(made.action)} by ${made.actor}, `, time(made.at)]
  return aside(read === undefined ? `not yet; ${actor} makes it` : 'stood already')
}

function gateBlocks({ stage }: StageReport, gate: GateReport, cite: Cite): readonly Block[] {
  const { checks, at, serverTime, seq, hash } = gate
  const clock = serverTime === undefined ? [] : [" (the cloud's clock: ", time(serverTime), ')']
  const read: Block = {
    kind: 'paragraph',
    isAside: true,
    text: ['Gate ', strong(gate.gate), ', read ', time(at), ...clock, `; record ${seq} of the evidence, `, code(hash)],
  }
  const probes = checks.filter((check) => probeRecord(check) !== undefined)
  // the whole catalogue has its own part
  return [read, stage === 'isolation' && probes.length > 50 ? probesHeld(probes) : checkTable(checks, cite)]
}

function probesHeld(probes: GateReport['checks']): Block {
  const held = probes.filter(({ ok }) => ok).length
  return paragraph([
    okLabel(held === probes.length),
    ` ${held} of ${count(probes.length, 'probe')} are as expected: `,
    { kind: 'part', id: 'access', text: 'who may do what' },
    ', ',
    { kind: 'part', id: 'probes', text: 'every probe' },
    '.',
  ])
}

function checkTable(checks: GateReport['checks'], cite: Cite): Block {
  return table(
    'What was claimed, and read',
    ['Claim', 'Verdict', 'Read', 'By', 'Who could read it', { title: 'Requests', holds: 'requests' }],
    checks
      .map(checkView)
      .map(({ claim, verdict, read, by, readers, requestIds }) => [
        claim,
        verdict,
        { kind: 'answer', text: read ?? 'none' },
        by,
        readers,
        cite(requestIds),
      ]),
  )
}
