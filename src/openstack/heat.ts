/** Stacks, from which Magnum's Heat driver makes a cluster. Heat answers the owner of the stack. */
import { list, send } from './resource-requests.ts'
import type { Session } from './session.ts'
import { object, optional, text } from './shape.ts'

export type Stack = {
  readonly id: string
  readonly stack_name: string
  readonly stack_status: string
  readonly stack_status_reason?: string | undefined
  readonly stack_owner?: string | undefined
}

export type StackResource = {
  readonly resource_name: string
  readonly resource_type: string
  readonly resource_status: string
  readonly resource_status_reason?: string | undefined
  readonly physical_resource_id?: string | undefined
}

const stack = object<Stack>({
  id: text,
  stack_name: text,
  stack_status: text,
  stack_status_reason: optional(text),
  stack_owner: optional(text),
})
const resource = object<StackResource>({
  resource_name: text,
  resource_type: text,
  resource_status: text,
  resource_status_reason: optional(text),
  physical_resource_id: optional(text),
})

/** Of the token's project. */
export function listStacks(
  session: Session,
  filter: { readonly id?: string; readonly name?: string } = {},
): Promise<readonly Stack[]> {
  return list(session, { service: 'orchestration', path: '/stacks', query: filter }, 'stacks', stack)
}

/** By a filter of the list: a GET by the bare id is answered with a redirect. */
export async function findStack(session: Session, id: string): Promise<Stack | undefined> {
  return (await listStacks(session, { id })).find((found) => found.id === id)
}

export function deleteStack(session: Session, of: { readonly stack_name: string; readonly id: string }): Promise<void> {
  return send(session, { service: 'orchestration', method: 'DELETE', path: `/stacks/${of.stack_name}/${of.id}` })
}

/** With the resources of nested stacks, which have the reason of a failure. */
export function listStackResources(
  session: Session,
  of: { readonly stack_name: string; readonly id: string },
): Promise<readonly StackResource[]> {
  const path = `/stacks/${of.stack_name}/${of.id}/resources`
  return list(session, { service: 'orchestration', path, query: { nested_depth: 5 } }, 'resources', resource)
}
