import type { Session } from '../session.ts'

/**
 * The highest minor version of the API, which every answer has: 10 up to 2023.1, 11 up to 2025.1, 12 up to 2026.1.
 * Nothing else shows Magnum's release. `undefined` if a proxy drops the header.
 */
export async function findMaximumMicroversion(session: Session): Promise<number | undefined> {
  const answer = await session.request({
    service: 'container-infra',
    method: 'GET',
    path: '/clustertemplates',
    query: { limit: 1 },
  })
  // `container-infra 1.10`: magnum/api/controllers/base.py, Version.max_string
  const found = /\b1\.(\d+)$/.exec(answer.headers.get('openstack-api-maximum-version') ?? '')
  return found === null ? undefined : Number(found[1])
}
