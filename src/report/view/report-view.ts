import type { Report } from '../report.ts'
import { access } from './access.ts'
import { accounts } from './accounts.ts'
import { asked } from './asked.ts'
import type { SectionView } from './block.ts'
import { events } from './events.ts'
import { findings } from './findings.ts'
import { network } from './network.ts'
import { probes } from './probes.ts'
import { recipes } from './recipes.ts'
import { requests } from './requests.ts'
import { stages } from './stages.ts'
import { summary } from './summary.ts'
import type { SummaryView } from './summary.ts'
import { code, time } from './text.ts'
import type { Text } from './text.ts'
import { times } from './times.ts'
import { untested } from './untested.ts'

/**
 * What a report says to people: headings, rows, labels, sentences. Plain data that no format shaped; each format shows
 * all of it, in this order.
 */
export type ReportView = {
  readonly summary: SummaryView
  readonly sections: readonly SectionView[]
  /** The last words. */
  readonly closing: Text
}

export function viewOf(report: Report): ReportView {
  return {
    summary: summary(report),
    sections: [
      asked(report),
      ...stages(report),
      access(report),
      accounts(report),
      network(report),
      times(report),
      findings(report),
      events(report),
      untested(report),
      recipes(report),
      probes(report),
      requests(report),
    ],
    closing: closing(report),
  }
}

function closing({ evidence, version, madeAt, tenant }: Report): Text {
  const from = evidence.head === undefined ? [] : [' from the evidence whose last record is ', code(evidence.head)]
  return [
    `Report on tenant ${tenant}, made `,
    time(madeAt),
    ` by tenant-onboard ${version}`,
    ...from,
    '. Keep this head to find out later if a record before it was changed.',
  ]
}
