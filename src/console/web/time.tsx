import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** In UTC, as in the evidence, for a comparison with a service's log. */
export function When({ at, hasSeconds = false }: { readonly at: string; readonly hasSeconds?: boolean }) {
  const text = `${at.slice(0, 10)} ${at.slice(11, hasSeconds ? 19 : 16)}Z`
  return <time dateTime={at}>{text}</time>
}

const now = signal(Date.now())

/** How long it took, or has taken so far. */
export function Took({ from, to }: { readonly from: string; readonly to?: string | undefined }) {
  const isOpen = to === undefined
  useEffect(() => {
    if (!isOpen) return undefined
    now.value = Date.now()
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
    return () => {
      clearInterval(timer)
    }
  }, [isOpen])
  const end = to === undefined ? Math.max(now.value, Date.parse(from)) : Date.parse(to)
  return <span class="took">{renderTook(end - Date.parse(from), isOpen)}</span>
}

export function renderTook(milliseconds: number, isOpen: boolean): string {
  // a running clock with tenths would only flicker
  if (!isOpen && milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
