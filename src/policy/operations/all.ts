import type { Operation } from '../model/operation.ts'
import { assignmentOperations } from './assignments.ts'
import { credentialOperations } from './credentials.ts'
import { domainOperations } from './domains.ts'
import { grantOperations } from './grants.ts'
import { groupOperations } from './groups.ts'
import { projectOperations } from './projects.ts'
import { roleOperations } from './roles.ts'
import { tokenOperations } from './tokens.ts'
import { trustOperations } from './trusts.ts'
import { userOperations } from './users.ts'

/** The requests with known targets; there are no guesses about Keystone's other actions. */
export const operations: readonly Operation[] = [
  ...domainOperations,
  ...projectOperations,
  ...userOperations,
  ...groupOperations,
  ...roleOperations,
  ...grantOperations,
  ...assignmentOperations,
  ...trustOperations,
  ...credentialOperations,
  ...tokenOperations,
]
