import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, object, text } from '../shape.ts'

export type Conductor = {
  readonly host: string
  readonly binary: string
  readonly state: string
  readonly disabled: boolean
}

/** Magnum's workers (`mservices`). For operators only. */
export function listConductors(session: Session): Promise<readonly Conductor[]> {
  const conductor = object<Conductor>({ host: text, binary: text, state: text, disabled: flag })
  return list(session, { service: 'container-infra', path: '/mservices' }, 'mservices', conductor)
}
