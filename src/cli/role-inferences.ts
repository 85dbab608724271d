import { z } from 'zod'
import { InputError } from '../errors.ts'
import { inferenceRows } from '../policy/model/role-inferences.ts'
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import type { CommandContext } from './context.ts'
import { readPolicyText } from './policy-subject.ts'

const answer = z.object({
  role_inferences: z.array(
    z.object({ prior_role: z.object({ name: z.string() }), implies: z.array(z.object({ name: z.string() })) }),
  ),
})

/** What `--role-inferences` names: the answer of `GET /v3/role_inferences`. `undefined` without the option. */
export async function readInferences(
  file: string | undefined,
  io: CommandContext,
): Promise<RoleInferences | undefined> {
  if (file === undefined) return undefined
  const text = await readPolicyText(file, io)
  try {
    return inferenceRows(answer.parse(JSON.parse(text)).role_inferences)
  } catch (error) {
    const hint = 'give the answer of GET /v3/role_inferences, as JSON'
    throw new InputError([{ file, message: 'the file has no role inferences', hint }], { cause: error })
  }
}
