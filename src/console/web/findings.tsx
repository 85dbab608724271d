import type { ComponentChildren } from 'preact'
import type { FindingView } from '../../report/view/finding.ts'
import { State } from './mark.tsx'

/** Each with what to do about it and whose that is. */
export function Findings({ findings }: { readonly findings: readonly FindingView[] }) {
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <FindingItem key={`${finding.code} ${finding.where} ${finding.message}`} finding={finding}>
          <span class="where">{finding.where}</span>
        </FindingItem>
      ))}
    </ul>
  )
}

type ItemProps = { readonly finding: FindingView; readonly children: ComponentChildren }

/** `children` says where it is. */
export function FindingItem({ finding: { severity, code, message, remedy, owner }, children }: ItemProps) {
  return (
    <li>
      <div class="finding-head">
        <State status={severity} />
        <code>{code}</code>
        {children}
      </div>
      <p>{message}</p>
      {remedy === undefined ? undefined : (
        <p class="remedy">
          <b>{owner}:</b> {remedy}
        </p>
      )}
    </li>
  )
}
