import type { Delivery } from '../../handover/deliver.ts'

export function renderDelivery(tenant: string, { at, recipient, sha256, files }: Delivery, path: string): string {
  const facts = `${tenant} was handed over ${at.slice(0, 16).replace('T', ' ')}Z
  to      ${recipient ?? 'whoever is given the folder'}
  ${recipient === undefined ? 'folder' : 'file  '}  ${path}
  sha256  ${sha256}
  inside  ${files.join(' ')}
`
  if (recipient === undefined)
    return `${facts}The sum is that of what \`sha256sum ${files.join(' ')}\` prints in that folder.\n`
  const name = `${tenant}-handover.zip`
  return `${facts}Send the file, and tell the sum by another way. Its recipient opens it with
  age -d -i identity.txt -o ${name} ${name}.age && unzip -d ${tenant} ${name}
or has the tenant's side carried out at once with
  tenant-onboard accept ${name}.age tenant.yaml --identity identity.txt
`
}
