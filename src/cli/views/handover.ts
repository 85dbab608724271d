import { success } from '../../success.ts'
import type { Delivery } from '../../handover/deliver.ts'

export function renderDelivery(tenant: string, { at, recipient, sha256, files }: Delivery, path: string): string {
  const facts = `${success.handover(tenant)} ${at.slice(0, 16).replace('T', ' ')}Z
  to      ${recipient ?? 'anyone who has the folder'}
  ${recipient === undefined ? 'folder' : 'file  '}  ${path}
  sha256  ${sha256}
  inside  ${files.join(' ')}
`
  if (recipient === undefined)
    return `${facts}The sha256 is that of the output of \`sha256sum ${files.join(' ')}\` in that folder.\n`
  const name = `${tenant}-handover.zip`
  return `${facts}Send the file, and send the sha256 by another channel. The recipient opens it with
  age -d -i identity.txt -o ${name} ${name}.age && unzip -d ${tenant} ${name}
or carries out the tenant's side directly with
  tenant-onboard accept ${name}.age tenant.yaml --identity identity.txt
`
}
