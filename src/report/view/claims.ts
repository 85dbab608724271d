import type { PolicyOnPaper } from '../paper.ts'
import type { Report } from '../report.ts'
import { paragraph, table } from './block.ts'
import type { Block } from './block.ts'
import { okLabel, proofLabel } from './label.ts'
import { code, strong } from './text.ts'
import type { Text } from './text.ts'

/** Each claim, on paper and as tried: two kinds of evidence, side by side. */
export function claimBlocks({ claims, paper }: Report): readonly Block[] {
  return [
    { kind: 'heading', level: 3, text: 'The policy: on paper, and as it was tried' },
    paragraph(
      paper === undefined ? 'No policy was given to this report, so nothing is said on paper.' : policyText(paper),
    ),
    table(
      'Claims',
      ['Claim', 'On paper', 'On the cloud', 'A request that breaks it'],
      claims.map(({ title, paper: proof, tried }) => [
        title,
        proof === undefined ? '' : proofLabel(proof.verdict),
        tried === undefined ? '' : [okLabel(tried.ok), ` ${tried.held} of ${tried.probes} probes`],
        (proof?.counterexamples ?? []).slice(0, 1).map((text) => ({ kind: 'literal', text })),
      ]),
    ),
    ...(paper === undefined ? [] : assumed(paper)),
  ]
}

function policyText({ release, base, overrides }: PolicyOnPaper): Text {
  const files = overrides.flatMap(({ file, digest }, index) => [
    index === 0 ? 'under ' : ', ',
    code(file),
    ' (',
    code(digest),
    ')',
  ])
  const under = files.length === 0 ? ['no override'] : files
  return [
    'Keystone ',
    strong(release),
    ', base ',
    strong(base),
    ', ',
    ...under,
    '. A claim is proved over all credentials and targets, or a request that breaks it is shown.',
  ]
}

function assumed({ assumptions }: PolicyOnPaper): readonly Block[] {
  return [
    { kind: 'heading', level: 4, text: 'Assumed in the proof' },
    { kind: 'list', items: assumptions },
  ]
}
