import { useEffect, useRef, useState } from 'preact/hooks'
import { PolicyClient, PolicyProblem } from './client.ts'

/** The engine's answer to a question; until it comes, the earlier answer stays. */
export type Thought<T> = {
  readonly isThinking: boolean
  readonly value: T | undefined
  /** Why the policy cannot be read, or what failed. */
  readonly problems: readonly string[]
}

/** Asks again when `key` changes, and abandons the earlier question. `undefined` asks nothing. */
export function usePolicy<T>(key: string | undefined, question: (client: PolicyClient) => Promise<T>): Thought<T> {
  const client = useRef<PolicyClient | undefined>(undefined)
  const [thought, setThought] = useState<Thought<T>>({ isThinking: true, value: undefined, problems: [] })
  useEffect(() => {
    if (key === undefined) return undefined
    let isMoot = false
    const engine = (client.current ??= new PolicyClient())
    engine.restart()
    setThought((before) => ({ ...before, isThinking: true }))
    question(engine).then(
      (value) => {
        if (!isMoot) setThought({ isThinking: false, value, problems: [] })
      },
      (error: unknown) => {
        if (!isMoot) setThought({ isThinking: false, value: undefined, problems: problemsOf(error) })
      },
    )
    return () => {
      isMoot = true
    }
  }, [key])
  useEffect(
    () => () => {
      client.current?.end()
    },
    [],
  )
  return thought
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof PolicyProblem) return error.problems
  return [error instanceof Error ? error.message : String(error)]
}
