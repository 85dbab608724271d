/** One run of probes, and how its objects differ from everything else on the cloud. */

const PREFIX = 'tenant-onboard-probe-'
const NAME = new RegExp(`^${PREFIX}(([0-9a-z]{5,8})-[0-9a-f]{8})-(.*)$`)

/** `id` carries the time, because Keystone keeps none: a later run can tell the age of what it finds. */
export type Run = { readonly id: string; readonly startedAt: Date }

/** `randomBytes` of node:crypto, or something predictable in a test. */
export type Random = (count: number) => Uint8Array

export function newRun(now: Date, random: Random): Run {
  const seconds = Math.floor(now.getTime() / 1000)
  return { id: `${seconds.toString(36)}-${hex(random(4))}`, startedAt: new Date(seconds * 1000) }
}

/** At most 64 characters with a `what` of 24, which is what Keystone allows a project or a domain. */
export function probeName(run: Run, what: string): string {
  return `${PREFIX}${run.id}-${what}`
}

/** Part of the description of everything that a probe makes and that has a description. */
export function probeDescription(run: Run): string {
  return `made by a probe and removed after it ${marker(run)}`
}

/** The run that made this, if our name and our description agree. Anyone may choose the name alone. */
export function runOf(object: { readonly name: string; readonly description?: string | undefined }): Run | undefined {
  const run = runNamed(object.name)
  return run !== undefined && object.description?.includes(marker(run)) === true ? run : undefined
}

function marker(run: Run): string {
  return `[tenant-onboard probe ${run.id}]`
}

/** By the name alone: for objects without a description, like a keypair, in places where only we use such names. */
export function runNamed(name: string): Run | undefined {
  const found = NAME.exec(name)
  if (found?.[1] === undefined || found[2] === undefined) return undefined
  return { id: found[1], startedAt: new Date(Number.parseInt(found[2], 36) * 1000) }
}

/** What a name that we make says besides the run; `undefined` for any other name. */
export function whatNamed(name: string): string | undefined {
  return NAME.exec(name)?.[3]
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
