import { expect, test } from 'vitest'
import { messageOf } from '../../src/openstack/envelope.ts'

// Bodies as the services send them; seen on the lab unless a source is named.
test.each<readonly [string, number, unknown, string]>([
  [
    'keystone',
    403,
    { error: { code: 403, message: 'You are not authorized.', title: 'Forbidden' } },
    'You are not authorized.',
  ],
  [
    'keystonemiddleware',
    401,
    { error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' } },
    'The request you have made requires authentication.',
  ],
  [
    'nova',
    404,
    { itemNotFound: { code: 404, message: 'Flavor 9 could not be found.' } },
    'Flavor 9 could not be found.',
  ],
  [
    'nova over its limit',
    403,
    { forbidden: { code: 403, message: 'Quota exceeded, too many key pairs.' } },
    'Quota exceeded, too many key pairs.',
  ],
  [
    'cinder',
    413,
    {
      overLimit: {
        code: 413,
        message: "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
        retryAfter: '0',
      },
    },
    "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
  ],
  [
    'neutron',
    409,
    { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['network'].", detail: '' } },
    "Quota exceeded for resources: ['network'].",
  ],
  [
    'neutron, bare',
    404,
    { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' },
    'The resource could not be found.',
  ],
  [
    'neutron with a detail',
    400,
    { NeutronError: { type: 'X', message: 'Bad.', detail: 'Because.' } },
    'Bad. (Because.)',
  ],
  [
    'octavia',
    403,
    { faultcode: 'Client', faultstring: 'Quota has been met for resources: Load Balancer', debuginfo: null },
    'Quota has been met for resources: Load Balancer',
  ],
  [
    'magnum',
    400,
    {
      errors: [
        {
          request_id: '',
          code: 'client',
          status: 400,
          title: 'Cluster type (vm, Unset, kubernetes) not supported',
          detail: 'Cluster type (vm, Unset, kubernetes) not supported.',
          links: [],
        },
      ],
    },
    'Cluster type (vm, Unset, kubernetes) not supported.',
  ],
  ['magnum with two', 400, { errors: [{ detail: 'One.' }, { title: 'Two' }] }, 'One.; Two'],
  [
    'barbican',
    500,
    {
      code: 500,
      title: 'Internal Server Error',
      description: 'Secret creation failure seen - please contact site administrator.',
    },
    'Secret creation failure seen - please contact site administrator.',
  ],
  [
    'glance',
    404,
    { message: 'No image found with ID x<br /><br />', code: '404 Not Found', title: 'Not Found' },
    'No image found with ID x<br /><br />',
  ],
  [
    'heat',
    403,
    {
      code: 403,
      title: 'Forbidden',
      explanation: 'Access was denied to this resource.',
      error: { type: 'Forbidden', traceback: null, message: 'You are not authorized to use stacks:global_index.' },
    },
    'You are not authorized to use stacks:global_index.',
  ],
  ['nothing', 503, undefined, 'service unavailable'],
  ['an empty object', 418, {}, 'no message'],
  [
    'haproxy',
    503,
    '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
    '503 Service Unavailable No server is available to handle this request.',
  ],
  ['plain text', 502, 'upstream is gone\n', 'upstream is gone'],
  ['a list', 400, [], 'bad request'],
  ['hostile nesting', 400, { a: { b: { message: 'deep' } }, errors: 'x' }, 'x'],
])('%s', (_, status, body, message) => {
  expect(messageOf(status, body)).toBe(message)
})
