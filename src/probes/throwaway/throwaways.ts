/**
 * The objects of probes, and the promise that they are removed. An object is registered before the call that makes it,
 * so neither a lost answer nor a probe that throws leaves it behind. After a crash, `sweep.ts` removes it in the next
 * run.
 */
import { randomBytes } from 'node:crypto'
import { errorChain, isTransient, StopError } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { refusalOf } from '../../openstack/session.ts'
import { Secret } from '../../secret.ts'
import { makeOnce, mayAppear } from './made-once.ts'
import { probeDescription, probeName } from './run.ts'
import type { Run } from './run.ts'

export type Thing<T> = {
  /** For people: `domain`, `role`. */
  readonly kind: string
  readonly name: string
  readonly create: () => Promise<T>
  /** For the case that the answer to `create` was lost. */
  readonly find: () => Promise<T | undefined>
  readonly remove: (thing: T) => Promise<void>
}

/** Could not be removed, or it is not known whether it exists. */
export type Leftover = { readonly kind: string; readonly name: string; readonly because: string }

type Entry = { readonly kind: string; readonly name: string; readonly remove: () => Promise<void> }

export class Throwaways {
  readonly run: Run
  readonly #entries: Entry[] = []

  constructor(run: Run) {
    this.run = run
  }

  name(what: string): string {
    return probeName(this.run, what)
  }

  get description(): string {
    return probeDescription(this.run)
  }

  /** What a stored secret holds. Not the id of the run, which is in every name: a secret is masked wherever it stands. */
  get payload(): Secret {
    return new Secret(randomBytes(24).toString('base64url'))
  }

  /** What a user, a project or a group in a domain begins with, so that a sweep finds it. */
  fields(
    domainId: string,
    what: string,
  ): { readonly name: string; readonly domain_id: string; readonly description: string } {
    return { name: this.name(what), domain_id: domainId, description: this.description }
  }

  /**
   * Makes it; it is removed at the end. An object that is deleted with another throwaway (everything in a domain) needs
   * no `make`.
   */
  async make<T>(thing: Thing<T>): Promise<T> {
    const { kind, name } = thing
    const created = makeOnce(thing.create, thing.find)
    const remove = async (): Promise<void> => {
      // also while it is still being made, because the removal must not come first
      const found = await created.catch(async (error: unknown) => {
        const late = await thing.find()
        if (late === undefined && mayAppear(error)) throw new StopError(`it may still appear: ${error.message}`)
        return late
      })
      if (found !== undefined) await thing.remove(found)
    }
    const entry = { kind, name, remove }
    this.#entries.push(entry)
    try {
      return await created
    } catch (error) {
      // a clear refusal: there is nothing to look for
      if (refusalOf(error) === 403) this.#forget(entry)
      throw error
    }
  }

  /** For an object that the probe itself has removed. */
  gone(name: string): void {
    for (const entry of this.#entries.filter((one) => one.name === name)) this.#forget(entry)
  }

  /** Youngest first, because later objects may depend on earlier ones. Never throws. */
  async removeAll(): Promise<readonly Leftover[]> {
    const leftovers: Leftover[] = []
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const { kind, name, remove } = entry
      const error = await removeStubbornly(remove)
      if (error !== undefined && refusalOf(error) !== 404)
        leftovers.push({ kind, name, because: errorChain(error).join(': ') })
    }
    return leftovers
  }

  #forget(entry: Entry): void {
    const at = this.#entries.indexOf(entry)
    if (at !== -1) this.#entries.splice(at, 1)
  }
}

/** A removal may be sent again, whatever became of the first. Returns its error, if any. */
async function removeStubbornly(remove: () => Promise<void>): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      await remove()
      return undefined
    } catch (error) {
      if (!isTransient(error) || attempt === 3) return error
    }
  }
}

export function leftoverFinding({ kind, name, because }: Leftover): Finding {
  return {
    code: 'isolation/leftover',
    severity: 'warning',
    where: `${kind} ${name}`,
    message: `${kind} \`${name}\` was made by a probe and could not be removed: ${because}`,
    remedy: 'the next probe run removes it; or delete it by hand',
    owner: 'operator',
  }
}
