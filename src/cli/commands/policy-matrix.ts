import { InputError } from '../../errors.ts'
import { keystoneRules } from '../../policy/releases/keystone.ts'
import { matrixOf, matrixTable, renderMatrix } from '../../policy/matrix.ts'
import { personaNames } from '../../policy/model/persona.ts'
import type { PersonaName } from '../../policy/model/persona.ts'
import { targetPlaces } from '../../policy/model/request-context.ts'
import type { TargetPlace } from '../../policy/model/request-context.ts'
import type { CommandContext } from '../context.ts'
import { printRows } from '../output.ts'
import type { PolicyMatrixOptions } from '../definitions/policy.ts'
import { readInferences } from '../role-inferences.ts'
import { loadPolicySubject, readOverrides } from '../policy-subject.ts'

export async function policyMatrixCommand(options: PolicyMatrixOptions, io: CommandContext): Promise<number> {
  const subject = await loadPolicySubject(options, io)
  const { keystone, base } = subject
  const files = options.override ?? []
  const overrides = await readOverrides(files, subject, io)
  const matrix = matrixOf(keystone, keystoneRules(keystone, { base }), keystoneRules(keystone, { base, overrides }), {
    inferences: await readInferences(options.roleInferences, io),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.as === undefined ? {} : { personas: options.as.map(personaNamed) }),
    ...(options.on === undefined ? {} : { places: options.on.map(placeNamed) }),
  })
  printRows(io, options.output, { data: matrix, ...matrixTable(matrix) }, () => renderMatrix(matrix))
  return 0
}

function personaNamed(name: string): PersonaName {
  const persona = personaNames.find((each) => each === name)
  if (persona !== undefined) return persona
  throw new InputError(`\`${name}\` is not a persona: write one of ${personaNames.join(', ')}`)
}

function placeNamed(name: string): TargetPlace {
  const place = targetPlaces.find((each) => each === name)
  if (place !== undefined) return place
  throw new InputError(`\`${name}\` is not a place: write one of ${targetPlaces.join(', ')}`)
}
