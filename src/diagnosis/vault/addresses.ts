/** The addresses to which Vault binds a role, its secret ids and its tokens; an empty list binds to nothing. */
import { overlaps, parsePrefix } from '../../openstack/prefix.ts'
import type { Binding, SecretId } from './reading.ts'

export function livingOf({ secretIds }: Binding, now: Date): readonly SecretId[] | undefined {
  return secretIds?.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now.getTime())
}

export function newestOf(binding: Binding, now: Date): SecretId | undefined {
  return newestAmong(livingOf(binding, now) ?? [])
}

export function newestAmong(living: readonly SecretId[]): SecretId | undefined {
  return [...living].sort((one, other) => (other.madeAt ?? '').localeCompare(one.madeAt ?? ''))[0]
}

export function whereOf(binding: Binding | undefined): string {
  return binding === undefined ? 'vault' : `AppRole ${binding.role}`
}

export function nameOf(binding: Binding | undefined): string {
  return binding === undefined ? 'the role' : `AppRole ${binding.role}`
}

export function said(cidrs: readonly string[]): string {
  return cidrs.length === 0 ? 'anywhere' : [...new Set(cidrs)].join(', ')
}

/** An empty list binds to nothing. */
export function isAllowed(source: string, cidrs: readonly string[]): boolean {
  return cidrs.length === 0 || isIn(source, cidrs)
}

export function isIn(source: string, cidrs: readonly string[]): boolean {
  return meet([source], cidrs)
}

/** Vault takes an address without a length as well. What cannot be read may be anything, so it shows no difference. */
export function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) =>
    others.some((other) => {
      const [a, b] = [parsePrefix(one), parsePrefix(other)]
      return a === undefined || b === undefined || overlaps(a, b)
    }),
  )
}
