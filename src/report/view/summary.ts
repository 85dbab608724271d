import { contradictedBy } from '../access.ts'
import type { Report } from '../report.ts'
import { cloudLine } from '../../tenant/used-cloud.ts'
import { count } from './count.ts'
import { stageLabel, verdictLabel } from './label.ts'
import type { Label } from './label.ts'
import { idOf } from './stages.ts'
import { code, strong, time } from './text.ts'
import type { Piece, Text } from './text.ts'
import { durationText } from './time.ts'

/** The head of a report: the one answer, who gives it, when, and where to look further. */
export type SummaryView = {
  readonly tenant: string
  readonly cloud: string
  readonly madeAt: string
  readonly about: Text
  readonly question: string
  readonly answer: Label
  /** Sentences. */
  readonly because: readonly string[]
  readonly facts: readonly { readonly term: string; readonly text: Text }[]
}

export function summary(report: Report): SummaryView {
  const { tenant, cloud, authUrl, used, verdict, madeAt } = report
  const at = authUrl === undefined ? [] : [' (', code(authUrl), ')']
  return {
    tenant,
    cloud,
    madeAt,
    about: ['Domain ', strong(tenant), ' on cloud ', strong(cloud), ...at, ', as of ', time(madeAt)],
    question: 'Is this tenant isolated?',
    answer: verdictLabel(verdict.answer),
    because: verdict.because.map((because) => `${capital(because)}.`),
    facts: [
      { term: 'Who says so', text: whoSays(report) },
      ...(used === undefined ? [] : [{ term: 'On which cloud, and as whom', text: capital(cloudLine(used)) }]),
      { term: 'When it was tried', text: tried(report) },
      { term: 'Is it as it was asked for', text: asAsked(report) },
      { term: 'Head of the chain of evidence', text: headOf(report) },
    ],
  }
}

function whoSays({ verdict, catalogue, paper, access, stages }: Report): string {
  const isAlone = stages.some(({ stage, withoutOperator }) => stage === 'isolation' && withoutOperator.length > 0)
  const by =
    catalogue !== undefined
      ? `${count(catalogue.probes.length, 'probe')} by the tenant's own accounts and accounts like them, each effect read back by the operator`
      : verdict.at !== undefined
        ? `the gate of the stage isolation, tried by the domain manager and read back by ${isAlone ? 'itself, without an operator' : 'the operator'}`
        : 'nobody yet'
  // a policy that is not in force proves nothing
  if (paper === undefined || contradictedBy(access).length > 0) return by
  const proved = paper.claims.filter((claim) => claim.verdict === 'proved').length
  return `${by}; and the policy itself, of which ${proved} of ${count(paper.claims.length, 'claim')} are proved`
}

function tried({ verdict: { at }, catalogue }: Report): Text {
  if (at === undefined) return 'never'
  if (catalogue?.at !== at) return time(at)
  const { milliseconds, serverTime } = catalogue
  const clock = serverTime === undefined ? [] : ["; by the cloud's clock ", time(serverTime)]
  return [time(at), `, in ${durationText(milliseconds)}`, ...clock]
}

/** A tenant may be isolated and not finished, or finished and not isolated. */
function asAsked({ stages }: Report): Text {
  const asked = stages.filter(({ state }) => state !== 'not asked')
  const open = asked.filter(({ state, isAccepted }) => state !== 'validated' || isAccepted)
  const named = asked.length === stages.length ? '' : ' that the file asks for'
  if (open.length === 0) return `yes: all ${asked.length} stages${named} are validated`
  const [first] = open
  if (first !== undefined && open.length === asked.length && open.every(({ state }) => state === first.state))
    return ['no: every stage is ', stageLabel(first.state, first.isAccepted)]
  const list = open.flatMap((stage, index): readonly Piece[] => [
    index === 0 ? '; ' : ', ',
    { kind: 'part', id: idOf(stage), text: stage.stage },
    '\u00a0',
    stageLabel(stage.state, stage.isAccepted),
  ])
  return [`${asked.length - open.length} of ${asked.length} stages${named} are validated`, ...list]
}

function headOf({ evidence, version }: Report): Text {
  if (evidence.head === undefined) return 'there is no evidence yet'
  return [
    code(evidence.head),
    `, ${count(evidence.records, 'record')}; tenant-onboard ${version} made this report of them alone, and asked no cloud`,
  ]
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
