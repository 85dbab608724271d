import type { Catalogue } from '../catalogue.ts'
import type { ProbeRecord } from '../probe-record.ts'
import type { Report } from '../report.ts'
import { paragraph, section, table } from './block.ts'
import type { Block, SectionView } from './block.ts'
import { label } from './label.ts'
import type { Label } from './label.ts'
import { citing } from './requests.ts'
import type { Cite } from './requests.ts'
import { aside, code, lines, time } from './text.ts'

/** The appendix: each probe of the catalogue, with the cloud's answer. */
export function probes({ catalogue, requests }: Report): SectionView {
  if (catalogue === undefined)
    return section(
      'probes',
      'Every probe',
      paragraph(['The catalogue was not tried. ', code('tenant-onboard verify'), ' does.']),
    )
  const cite = citing(requests)
  return section(
    'probes',
    'Every probe',
    provenance(catalogue),
    ...[...byFamily(catalogue.probes)].map(([family, tried]) => familyTable(family, tried, cite)),
  )
}

function provenance({ at, seq, hash, scs }: Catalogue): Block {
  const failing = scs.failing.length === 0 ? '' : ` Checks of scs-0302 that do not hold: ${scs.failing.join('; ')}.`
  return {
    kind: 'paragraph',
    isAside: true,
    text: ['Tried ', time(at), `; record ${seq} of the evidence, `, code(hash), `.${failing}`],
  }
}

function familyTable(family: string, tried: readonly ProbeRecord[], cite: Cite): Block {
  return table(
    `${family}: ${tried.filter(({ ok }) => ok).length} of ${tried.length} as expected`,
    ['Claim', 'Verdict', 'The cloud said', { title: 'Requests', holds: 'requests' }],
    tried.map((probe) => [
      lines(probe.claim, [aside(`${probe.who}, on ${probe.whom}`), ' ', probe.id === undefined ? '' : code(probe.id)]),
      probeLabel(probe),
      probe.detail,
      cite(probe.requestIds),
    ]),
  )
}

/** An expected refusal is a good result here. */
function probeLabel({ ok, expected, observed }: ProbeRecord): Label {
  if (expected === 'reported') return label(observed, 'still')
  if (ok) return label(observed === 'empty' ? 'nothing shown' : observed, 'good')
  return observed === 'unknown' ? label('inconclusive', 'warn') : label(`${observed}, not ${expected}`, 'bad')
}

/** By the first part of their ids, which is their family. */
function byFamily(all: readonly ProbeRecord[]): ReadonlyMap<string, readonly ProbeRecord[]> {
  const families = new Map<string, ProbeRecord[]>()
  for (const probe of all) {
    const family = (probe.id ?? 'probes').split('/')[0] ?? 'probes'
    families.set(family, [...(families.get(family) ?? []), probe])
  }
  return families
}
