import { whatNamed } from '../../probes/throwaway/run.ts'
import type { Report } from '../report.ts'
import { numbering, numbersOf } from '../requests.ts'
import type { ReportedRequest } from '../requests.ts'
import { paragraph, section } from './block.ts'
import type { RequestView, SectionView } from './block.ts'
import type { Piece } from './text.ts'

/** The last appendix: the id of each number in the report, as in a service's log. */
export function requests({ requests: all }: Report): SectionView {
  const blocks =
    all.length === 0
      ? [paragraph('None was sent.')]
      : [
          paragraph("The numbers above. A service writes the id into its log; the time is the service's own."),
          { kind: 'requests', requests: all.map(requestView) } as const,
        ]
  return section('requests', 'Every request', ...blocks)
}

function requestView({ actor, id, ...request }: ReportedRequest): RequestView {
  return { ...request, requestId: id, who: actorLabel(actor) }
}

/** The numbers of requests, for a statement that rests on them. */
export type Cite = (ids: readonly string[]) => Piece

export function citing(all: readonly ReportedRequest[]): Cite {
  const numbers = numbering(all)
  return (ids) => ({ kind: 'requests', ranges: numbersOf(ids, numbers) })
}

/** Which account of a probe it was, without the run that its name tells. */
function actorLabel(actor: string): string {
  const what = whatNamed(actor)
  return what === undefined ? actor : `probe: ${what}`
}
