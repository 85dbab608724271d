import type { CloudFacts } from '../tenant/cloud-facts.ts'
import { fileLog } from './file-log.ts'
import { journalLog } from './journal-log.ts'
import { jujuLog } from './juju-log.ts'
import type { ServiceLog } from './log.ts'
import type { RunProgram } from './program.ts'

type Logs = NonNullable<CloudFacts['logs']>

/** The log of a service, if cloud.yaml says where it is. Reads nothing yet. */
export function openLog(facts: CloudFacts, service: keyof Logs, run: RunProgram): ServiceLog | undefined {
  const place = facts.logs?.[service]
  if (place === undefined) return undefined
  switch (place.from) {
    case 'file':
      return fileLog(place.path)
    case 'juju':
      return jujuLog(place, run)
    case 'journal':
      return journalLog(place.unit, run)
  }
}
