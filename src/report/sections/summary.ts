import { contradictedBy } from '../access.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { count, durationText, stageLabel, timeText, verdictLabel } from '../labels.ts'
import { badge } from './piece.ts'

/** The head of the page: the answer, its source, its time, and the contents. */
export function summary(report: Report): Markup {
  const { tenant, cloud, authUrl, verdict, evidence, madeAt, version } = report
  const { text, tone, symbol } = verdictLabel(verdict)
  return html`<header class="page" id="summary">
    <p class="eyebrow">Tenant report</p>
    <h1>${tenant}</h1>
    <p class="soft">
      Domain <strong>${tenant}</strong> on cloud
      <strong>${cloud}</strong>${authUrl === undefined ? '' : html` (<code>${authUrl}</code>)`}, as of
      ${timeText(madeAt)}
    </p>
    <div class="verdict ${tone}">
      <p class="soft small">Is this tenant isolated?</p>
      <p class="answer"><span aria-hidden="true">${symbol}</span> ${text}.</p>
      <ul>
        ${verdict.because.map((because) => html`<li>${capital(because)}.</li>`)}
      </ul>
    </div>
    <dl class="facts">
      <div>
        <dt>Source</dt>
        <dd>${whoSays(report)}</dd>
      </div>
      <div>
        <dt>Tested</dt>
        <dd>${tried(report)}</dd>
      </div>
      <div>
        <dt>Does it match its file</dt>
        <dd>${asAsked(report)}</dd>
      </div>
      <div>
        <dt>Head of the chain of evidence</dt>
        <dd>
          ${evidence.head === undefined ? 'there is no evidence yet' : html`<code>${evidence.head}</code>, ${count(evidence.records, 'record')}; tenant-onboard ${version} made this report from them alone, without a request to the cloud`}
        </dd>
      </div>
    </dl>
    <nav class="contents" aria-label="Contents">
      <ol>
        ${contents.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li> `)}
      </ol>
    </nav>
  </header> `
}

const contents = [
  ['asked', 'Specification'],
  ['stages', 'Stages'],
  ['access', 'Access'],
  ['accounts', 'Accounts and roles'],
  ['network', 'The network'],
  ['times', 'Time'],
  ['findings', 'Findings'],
  ['events', 'Other events'],
  ['untested', 'Not tested'],
  ['recipes', 'How to check it yourself'],
  ['probes', 'Every probe'],
  ['requests', 'Every request'],
] as const

function tried({ verdict: { at }, catalogue }: Report): Markup {
  if (at === undefined) return html`never`
  if (catalogue?.at !== at) return moment(at)
  const { milliseconds, serverTime } = catalogue
  return html`${moment(at)}, in
  ${durationText(milliseconds)}${serverTime === undefined ? '' : html`; by the cloud's clock ${moment(serverTime)}`}`
}

function moment(iso: string | undefined): Markup {
  return html`<span class="time">${timeText(iso)}</span>`
}

/** A tenant may be isolated and not finished, or finished and not isolated. */
function asAsked({ stages }: Report): Markup {
  const open = stages.filter(({ state, isAccepted }) => state !== 'validated' || isAccepted)
  if (open.length === 0) return html`yes: all ${stages.length} stages are validated`
  const [first] = open
  if (first !== undefined && open.length === stages.length && open.every(({ state }) => state === first.state))
    return html`no: every stage is ${badge(stageLabel(first))}`
  const named = open.map(
    (stage) =>
      html`<span class="time"><a href="#stage-${stage.stage}">${stage.stage}</a> ${badge(stageLabel(stage))}</span> `,
  )
  return html`${stages.length - open.length} of ${stages.length} stages are validated; ${named}`
}

function whoSays({ verdict, catalogue, paper, access, stages }: Report): Markup {
  const isAlone = stages.some(({ stage, withoutOperator }) => stage === 'isolation' && withoutOperator.length > 0)
  const tried =
    catalogue !== undefined
      ? html`${count(catalogue.probes.length, 'probe')} by the tenant's own accounts and accounts like them, each effect
        read back by the operator`
      : verdict.at !== undefined
        ? html`the gate of the stage isolation, tried by the domain manager and read back by
          ${isAlone ? 'itself, without an operator' : 'the operator'}`
        : html`not tried yet`
  // a policy that is not in force proves nothing
  if (paper === undefined || contradictedBy(access).length > 0) return tried
  const proved = paper.claims.filter((claim) => claim.verdict === 'proved').length
  return html`${tried}; and the policy itself, of which ${proved} of ${count(paper.claims.length, 'claim')} are proved`
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
