import type { Finding, Severity } from '../../finding.ts'
import { State } from './mark.tsx'
import type { Sign } from './mark.tsx'

const signs: Readonly<Record<Severity, Sign>> = { error: 'bad', warning: 'warn', info: 'none' }
const order: readonly Severity[] = ['error', 'warning', 'info']

/** Worst first, each with its remedy and its owner. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const sorted = order.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  return (
    <ul class="findings">
      {sorted.map(({ severity, code, where, message, remedy, owner }) => (
        <li key={`${code} ${where} ${message}`}>
          <div class="finding-head">
            <State sign={signs[severity]}>{severity}</State>
            <code>{code}</code>
            <span class="where">{where}</span>
          </div>
          <p>{message}</p>
          {remedy === undefined ? undefined : (
            <p class="remedy">
              <b>{owner}:</b> {remedy}
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
