import type { Operation } from '../model/operation.ts'
import { idOf } from './record.ts'

/* keystone 25.0.0, keystone/api/users.py, credentials.py, ec2tokens.py and s3tokens.py */

const ofUser = 'identity:list_application_credentials'
const ofUserEc2 = 'identity:ec2_list_credentials'
export const credentialOperations: readonly Operation[] = [
  userListOperation(ofUser, 'GET /v3/users/{user_id}/application_credentials', false),
  userListOperation(ofUser, 'GET /v3/users/{user_id}/application_credentials', true),
  {
    id: 'identity:create_application_credential',
    action: 'identity:create_application_credential',
    draft: ({ user }) =>
      user && {
        request: 'POST /v3/users/{user_id}/application_credentials',
        ids: { user_id: idOf(user) },
        body: { application_credential: { name: 'new' } },
      },
  },
  applicationCredential('identity:get_application_credential', 'GET'),
  applicationCredential('identity:delete_application_credential', 'DELETE'),
  userListOperation(ofUserEc2, 'GET /v3/users/{user_id}/credentials/OS-EC2', false),
  userListOperation(ofUserEc2, 'GET /v3/users/{user_id}/credentials/OS-EC2', true),
  {
    id: 'identity:ec2_create_credential',
    action: 'identity:ec2_create_credential',
    draft: ({ user, own }) =>
      user && {
        request: 'POST /v3/users/{user_id}/credentials/OS-EC2',
        ids: { user_id: idOf(user) },
        target: { credential: { user_id: idOf(user) } },
        body: { tenant_id: idOf(own.project) },
      },
  },
  ec2Credential('identity:ec2_get_credential', 'GET'),
  ec2Credential('identity:ec2_delete_credential', 'DELETE'),
  {
    id: 'identity:create_credential',
    action: 'identity:create_credential',
    draft: ({ user, own }) => {
      if (user === undefined) return undefined
      const blob = '{"access":"new","secret":"new"}'
      const credential = { user_id: idOf(user), project_id: idOf(own.project), type: 'ec2', blob }
      return { request: 'POST /v3/credentials', target: { credential }, targetFrom: 'caller', body: { credential } }
    },
  },
  storedCredential('identity:get_credential', 'GET'),
  storedCredential('identity:update_credential', 'PATCH'),
  storedCredential('identity:delete_credential', 'DELETE'),
  {
    id: 'identity:ec2tokens_validate',
    action: 'identity:ec2tokens_validate',
    draft: ({ place }) => (place === 'none' ? { request: 'POST /v3/ec2tokens' } : undefined),
  },
  {
    id: 'identity:s3tokens_validate',
    action: 'identity:s3tokens_validate',
    draft: ({ place }) => (place === 'none' ? { request: 'POST /v3/s3tokens' } : undefined),
  },
]

/** No handler builds a target here, so the caller's X-Subject-Token becomes one. */
function userListOperation(action: string, request: string, hasSubjectToken: boolean): Operation {
  return {
    id: hasSubjectToken ? `${action} with its own X-Subject-Token` : action,
    action,
    draft: ({ user }) => user && { request, ids: { user_id: idOf(user) }, hasSubjectToken },
  }
}

/** The id in the URL is replaced by the owner's before the rules see it. */
function applicationCredential(action: string, method: string): Operation {
  return {
    id: action,
    action,
    draft: ({ user }) =>
      user && {
        request: `${method} /v3/users/{user_id}/application_credentials/{application_credential_id}`,
        ids: { user_id: idOf(user), application_credential_id: `${idOf(user)}-ac` },
        target: { user_id: idOf(user) },
      },
  }
}

function ec2Credential(action: string, method: string): Operation {
  return {
    id: action,
    action,
    draft: ({ user, own }) =>
      user && {
        request: `${method} /v3/users/{user_id}/credentials/OS-EC2/{credential_id}`,
        ids: { user_id: idOf(user), credential_id: `${idOf(user)}-key` },
        target: { credential: { id: `${idOf(user)}-key`, user_id: idOf(user), project_id: idOf(own.project) } },
      },
  }
}

function storedCredential(action: string, method: string): Operation {
  return {
    id: action,
    action,
    draft: ({ user, own }) =>
      user && {
        request: `${method} /v3/credentials/{credential_id}`,
        ids: { credential_id: `${idOf(user)}-key` },
        target: { credential: { id: `${idOf(user)}-key`, user_id: idOf(user), project_id: idOf(own.project) } },
        ...(method === 'PATCH' ? { body: { credential: { blob: 'changed' } } } : {}),
      },
  }
}
