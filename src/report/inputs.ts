import { z } from 'zod'
import { claimNames } from '../policy/prove/claim.ts'
import { targetPlaces } from '../policy/model/request-context.ts'
import type { Digests } from '../tenant/evidence.ts'
import type { PolicyOnPaper } from './paper.ts'
import type { Report } from './report.ts'

/**
 * The inputs of a report that the evidence does not have. They are part of the report, so that `--check` can make the
 * same report again and compare. What the data directory has is taken from there, never from here.
 */
export type Inputs = {
  readonly format: 1
  readonly version: string
  readonly madeAt: string
  readonly file: string
  readonly authUrl?: string | undefined
  readonly digests: Digests
  readonly head?: string | undefined
  readonly records: number
  readonly paper?: PolicyOnPaper | undefined
}

const answers = ['allow', 'deny', 'error', 'unknown'] as const
const paper = z.strictObject({
  release: z.string(),
  base: z.string(),
  overrides: z.array(z.strictObject({ file: z.string(), digest: z.string() })),
  claims: z.array(
    z.strictObject({
      claim: z.enum(claimNames),
      title: z.string(),
      verdict: z.enum(['proved', 'refuted', 'not shown']),
      counterexamples: z.array(z.string()),
    }),
  ),
  assumptions: z.array(z.string()),
  answers: z.array(
    z.strictObject({ operation: z.string(), action: z.string(), place: z.enum(targetPlaces), answer: z.enum(answers) }),
  ),
})

const inputs = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  madeAt: z.iso.datetime(),
  file: z.string(),
  authUrl: z.string().optional(),
  digests: z.strictObject({ spec: z.string(), cloud: z.string(), policy: z.string().optional() }),
  head: z.string().optional(),
  records: z.int().min(0),
  paper: paper.optional(),
})

export function inputsOf({ version, madeAt, file, authUrl, evidence, paper }: Report): Inputs {
  const { digests, head, records } = evidence
  return { format: 1, version, madeAt, file, authUrl, digests, head, records, paper }
}

/** ASCII without `<`, `>` and `&`: the same text inside an attribute, a comment and a separate file. */
export function renderInputs(of: Inputs): string {
  return JSON.stringify(of).replace(
    /[^\x20-\x7e]|[<>&]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `undefined` for anything that `renderInputs` did not write. */
export function parseInputs(text: string): Inputs | undefined {
  try {
    const parsed = inputs.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
