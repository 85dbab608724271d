import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { ProbeRecord } from '../probe-record.ts'
import type { Report } from '../report.ts'
import { okLabel, label, timeText } from '../labels.ts'
import type { Label } from '../labels.ts'
import { badge, citing, section, table } from './piece.ts'

/** The appendix: each probe of the catalogue, with the cloud's answer. */
export function probes({ catalogue, requests }: Report): Markup {
  const cite = citing(requests)
  if (catalogue === undefined)
    return section(
      'probes',
      'Every probe',
      html`<p>The catalogue was not tried. <code>tenant-onboard verify</code> does.</p>`,
      true,
    )
  const { at, seq, hash, scs } = catalogue
  return section(
    'probes',
    'Every probe',
    html`<p class="small soft">
        Tried ${timeText(at)}; record ${seq} of the evidence,
        <code>${hash}</code
        >.${scs.failing.length === 0 ? '' : ` Checks of scs-0302 that do not hold: ${scs.failing.join('; ')}.`}
      </p>
      ${[...byFamily(catalogue.probes)].map(([family, tried]) =>
        table(
          `${family}: ${tried.filter(({ ok }) => ok).length} of ${tried.length} as expected`,
          [{ title: 'Claim' }, { title: 'Verdict' }, { title: 'The cloud said' }, { title: 'Requests', kind: 'ids' }],
          tried.map((probe) => [
            html`${probe.claim}<br /><span class="soft">${probe.who}, on ${probe.whom}</span>
              <code class="soft">${probe.id ?? ''}</code>`,
            badge(probeWords(probe)),
            probe.detail,
            cite(probe.requestIds),
          ]),
        ),
      )}`,
    true,
  )
}

/** An expected refusal is a good result here. */
export function probeWords({ ok, expected, observed }: ProbeRecord): Label {
  if (expected === 'reported') return label(observed, 'still')
  if (ok) return label(observed === 'empty' ? 'nothing shown' : observed, 'good')
  return observed === 'unknown'
    ? label('inconclusive', 'warn')
    : { ...okLabel(false), text: `${observed}, not ${expected}` }
}

/** By the first part of their ids, which is their family. */
export function byFamily(all: readonly ProbeRecord[]): ReadonlyMap<string, readonly ProbeRecord[]> {
  const families = new Map<string, ProbeRecord[]>()
  for (const probe of all) {
    const family = (probe.id ?? 'probes').split('/')[0] ?? 'probes'
    families.set(family, [...(families.get(family) ?? []), probe])
  }
  return families
}
