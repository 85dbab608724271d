import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { durationText, elapsedText, minuteText, timeText } from '../../report/view/time.ts'

export function When({ at, hasSeconds = false }: { readonly at: string; readonly hasSeconds?: boolean }) {
  return <time dateTime={at}>{hasSeconds ? timeText(at) : minuteText(at)}</time>
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
  const taken = end - Date.parse(from)
  return <span class="took">{isOpen ? elapsedText(taken) : durationText(taken)}</span>
}
