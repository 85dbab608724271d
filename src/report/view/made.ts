import type { Entry } from '../../tenant/evidence.ts'

/** What became of a thing when a step was done. */
export function madeText(action: Extract<Entry, { kind: 'made' }>['action']): 'created' | 'adopted' | 'updated' {
  switch (action) {
    case 'create':
      return 'created'
    case 'adopt':
      return 'adopted'
    case 'update':
      return 'updated'
  }
}
