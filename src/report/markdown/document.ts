import type { Report } from '../report.ts'
import { viewOf } from '../view/report-view.ts'
import type { SummaryView } from '../view/summary.ts'
import { sectionText } from './block.ts'
import { rows, text, textOf } from './text.ts'

/** The report as GitHub-flavoured Markdown: for a ticket, a wiki, a review. */
export function renderMarkdown(report: Report): string {
  const { summary, sections, closing } = viewOf(report)
  return [summaryText(summary), ...sections.map(sectionText), textOf(closing)]
    .map((part) => `${part.trimEnd()}\n`)
    .join('\n')
}

function summaryText({ tenant, cloud, about, question, answer, because, facts }: SummaryView): string {
  return `# Tenant ${text(tenant)} on ${text(cloud)}

${textOf(about)}

**${text(question)} ${text(answer.text)}.**

${because.map((sentence) => `- ${text(sentence)}\n`).join('')}
${rows(
  ['', ''],
  facts.map((fact) => [text(fact.term), textOf(fact.text)]),
)}`
}
