/** Placement, which only has to be in the catalog: it answers its version. placement 8.0.0. */
import { ok } from '../service.ts'
import { titleOf } from '../refusal.ts'
import type { Service } from '../service.ts'

export const placement: Service<'placement'> = {
  type: 'placement',
  name: 'placement',
  path: '/placement',
  catalog: [{ type: 'placement', name: 'placement', path: '' }],
  versions: () =>
    ok({
      versions: [
        {
          id: 'v1.0',
          max_version: '1.39',
          min_version: '1.0',
          status: 'CURRENT',
          links: [{ rel: 'self', href: '' }],
        },
      ],
    }),
  hasMiddleware: true,
  headers: (call) => ({ 'x-openstack-request-id': call.requestId }),
  refuse: (refusal, call) => ({
    body: {
      errors: [
        { status: refusal.status, title: titleOf(refusal.status), detail: refusal.message, request_id: call.requestId },
      ],
    },
  }),
  routes: [],
}
