import { useEffect, useState } from 'preact/hooks'
import { ask } from './stream.ts'

/** The result of a question to the server. */
export type Loaded<T> =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly because: string }

/** Asks when the address changes; `undefined` asks nothing. */
export function useAnswer<T>(url: string | undefined): Loaded<T> | undefined {
  const [answer, setAnswer] = useState<Loaded<T> | undefined>(url === undefined ? undefined : { kind: 'asking' })
  useEffect(() => {
    if (url === undefined) {
      setAnswer(undefined)
      return undefined
    }
    const stop = new AbortController()
    setAnswer({ kind: 'asking' })
    ask(url, stop.signal).then(
      (value) => {
        // INVARIANT: the server is of the same build as its pages; the caller knows the type of the answer
        setAnswer({ kind: 'answered', value: value as T })
      },
      (error: unknown) => {
        if (stop.signal.aborted) return
        setAnswer({ kind: 'failed', because: error instanceof Error ? error.message : String(error) })
      },
    )
    return () => {
      stop.abort()
    }
  }, [url])
  return answer
}
