/** Explains the result of a gate: the state of the file, or of the charm's resource. Never a verdict by itself. */
import { isBlocking } from '../finding.ts'
import { InputError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import type { DeliveredState } from './backends/backend.ts'
import { sha256 } from './digest.ts'
import { inspect } from './inspection.ts'
import type { InspectionOptions } from './inspection.ts'
import { charmFindings } from './backends/charm-findings.ts'

export type Explanation = {
  readonly standing: DeliveredState
  readonly route: string
  /** SHA-256 of what was attached; `undefined`: nothing was, from here. */
  readonly attached: string | undefined
  readonly inspection: InspectionOptions | undefined
  readonly isInForce: boolean
  /** If the gate held, nothing here is more than a warning. */
  readonly isOk: boolean
}

export function explain(about: Explanation): readonly Finding[] {
  const { standing, route, isInForce, isOk } = about
  const findings =
    standing.detail.kind === 'charm' ? charmFindings(route.split('/').at(-1) ?? '', standing, isInForce) : ofFile(about)
  const all = [...standing.findings.filter(({ code }) => code !== 'delivery/previous-unknown'), ...findings]
  return isOk ? all.map((one) => (one.severity === 'error' ? { ...one, severity: 'warning' } : one)) : all
}

function ofFile({ standing: { text }, route, attached, inspection }: Explanation): readonly Finding[] {
  const where = route.replace(/^folder /, '')
  if (text === undefined) {
    if (attached === undefined) return []
    return [
      {
        code: 'delivery/file-missing',
        severity: 'error',
        where,
        message: 'the attached file is gone',
        remedy: '`tenant-onboard policy attach` restores it',
        owner: 'operator',
      },
    ]
  }
  if (sha256(text) === attached) return []
  const changed: Finding = {
    code: 'delivery/file-changed',
    severity: 'warning',
    where,
    message: attached === undefined ? 'this file was not attached from here' : 'the file is not the attached one',
    remedy:
      '`tenant-onboard policy attach` restores yours; `tenant-onboard policy lint` and `tenant-onboard policy prove` check the current one',
    owner: 'operator',
  }
  return [changed, ...(inspection === undefined ? [] : errorsIn(text, inspection))]
}

/** The faults of the current file. */
function errorsIn(text: string, inspection: InspectionOptions): readonly Finding[] {
  try {
    return inspect(text, inspection).filter(isBlocking)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.problems.map(({ message, line, column }) => ({
      code: 'delivery/does-not-load',
      severity: 'error',
      where: [line, column].filter((part) => part !== undefined).join(':'),
      message: `Keystone cannot load this file, and answers 500: ${message}`,
      remedy: '`tenant-onboard policy rollback` restores what was there before',
      owner: 'operator',
    }))
  }
}
