import { computed, signal } from '@preact/signals'

/** The current address of the browser. */
export const address = signal(new URL(window.location.href))

/** Set by the first navigation within the console: from then on a new page moves the focus to its heading. */
export const hasMoved = signal(false)

export const path = computed(() =>
  address.value.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decode),
)

window.addEventListener('popstate', () => {
  hasMoved.value = true
  address.value = new URL(window.location.href)
})

export function navigate(href: string): void {
  const target = new URL(href, window.location.href)
  if (target.href === window.location.href) return
  window.history.pushState(undefined, '', target)
  hasMoved.value = true
  address.value = target
  window.scrollTo(0, 0)
}

/** Changes the address of the same page, without an entry in the history. */
export function refine(parameters: Readonly<Record<string, string>>): void {
  const target = new URL(window.location.href)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === '') target.searchParams.delete(name)
    else target.searchParams.set(name, value)
  }
  window.history.replaceState(undefined, '', target)
  address.value = target
}

export function tenantHref(cloud: string, tenant: string): string {
  return `/tenants/${encodeURIComponent(cloud)}/${encodeURIComponent(tenant)}`
}

export function evidenceHref(text: string): string {
  return `/evidence?q=${encodeURIComponent(text)}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
