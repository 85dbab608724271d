/**
 * A sign-in as data: the identity, its credential, its scope; and the request body of `POST /v3/auth/tokens` for it.
 */
import type { Secret } from '../secret.ts'

/** In Keystone only the name of a domain is unique, so every other name comes with its domain. */
export type DomainRef = { readonly id: string } | { readonly name: string }
export type UserRef = { readonly id: string } | { readonly name: string; readonly domain: DomainRef }
export type ProjectRef = { readonly id: string } | { readonly name: string; readonly domain: DomainRef }

export type Scope =
  | { readonly kind: 'project'; readonly project: ProjectRef }
  | { readonly kind: 'domain'; readonly domain: DomainRef }
  | { readonly kind: 'system' }
  | { readonly kind: 'trust'; readonly trustId: string }
  /** No scope at all, even if the user has a default project. */
  | { readonly kind: 'unscoped' }
  /** Requests no scope: Keystone uses the user's default project, if there is one. */
  | { readonly kind: 'default' }

export type Auth =
  | { readonly kind: 'password'; readonly user: UserRef; readonly password: Secret; readonly scope: Scope }
  | { readonly kind: 'token'; readonly token: Secret; readonly scope: Scope }
  /** Carries its own project: Keystone refuses a scope beside it. */
  | {
      readonly kind: 'application-credential'
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserRef }
      readonly secret: Secret
    }

/** The request body. It has the secret in plain text: build it in the call that sends it. */
export function authBody(auth: Auth): { readonly auth: unknown } {
  switch (auth.kind) {
    case 'password': {
      const user = { ...auth.user, password: auth.password.reveal() }
      return { auth: { identity: { methods: ['password'], password: { user } }, ...scopeBody(auth.scope) } }
    }
    case 'token': {
      const token = { id: auth.token.reveal() }
      return { auth: { identity: { methods: ['token'], token }, ...scopeBody(auth.scope) } }
    }
    case 'application-credential': {
      const credential = { ...auth.credential, secret: auth.secret.reveal() }
      return { auth: { identity: { methods: ['application_credential'], application_credential: credential } } }
    }
  }
}

function scopeBody(scope: Scope): { readonly scope?: unknown } {
  switch (scope.kind) {
    case 'project':
      return { scope: { project: scope.project } }
    case 'domain':
      return { scope: { domain: scope.domain } }
    case 'system':
      return { scope: { system: { all: true } } }
    case 'trust':
      return { scope: { 'OS-TRUST:trust': { id: scope.trustId } } }
    case 'unscoped':
      return { scope: 'unscoped' }
    case 'default':
      return {}
  }
}

/** Whose sign-in it is, for a person: `admin@Default, project admin@Default`. */
export function accountOf(auth: Auth): string {
  switch (auth.kind) {
    case 'password':
      return `${userText(auth.user)}, ${scopeText(auth.scope)}`
    case 'token':
      return `the owner of a token, ${scopeText(auth.scope)}`
    case 'application-credential':
      return 'id' in auth.credential
        ? `application credential ${auth.credential.id}`
        : `${userText(auth.credential.user)}, application credential ${auth.credential.name}`
  }
}

function userText(user: UserRef): string {
  return 'id' in user ? `user ${user.id}` : `${user.name}@${domainText(user.domain)}`
}

function scopeText(scope: Scope): string {
  switch (scope.kind) {
    case 'project':
      return 'id' in scope.project
        ? `project ${scope.project.id}`
        : `project ${scope.project.name}@${domainText(scope.project.domain)}`
    case 'domain':
      return `domain ${domainText(scope.domain)}`
    case 'system':
      return 'system'
    case 'trust':
      return `trust ${scope.trustId}`
    case 'unscoped':
      return 'no scope'
    case 'default':
      return 'its default project'
  }
}

function domainText(domain: DomainRef): string {
  return 'id' in domain ? domain.id : domain.name
}
