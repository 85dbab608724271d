import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Link } from '../link.tsx'
import { Page } from '../page.tsx'
import { PolicyClient } from '../policy/client.ts'
import { BaseConfigBar } from '../policy/base-config-bar.tsx'
import { base, choice, layer, text } from '../policy/base-config.ts'
import type { PolicyChoice } from '../policy/protocol.ts'
import { usePolicy } from '../policy/use-policy.ts'
import { DiffResult, LintResult, ProofResult } from './playground-results.tsx'

/** Milliseconds, long enough to type a word. */
const pauseMs = 400

export function PlaygroundPage() {
  const settled = useSettled()
  const editor = useRef<HTMLTextAreaElement>(null)
  useHardened()
  const asked: PolicyChoice | undefined = settled === undefined ? undefined : { ...choice.value, override: settled }
  const key = asked === undefined ? undefined : JSON.stringify([asked, base.value])
  const need = (): PolicyChoice => asked ?? choice.value
  const lint = usePolicy(key, (client) => client.ask('lint', need()))
  const diff = usePolicy(key, (client) => client.ask('diff', need()))
  const proof = usePolicy(key, (client) => client.ask('prove', need()))
  return (
    <Page
      title="Policy"
      lead="Paste an override to see lint's findings, which personas gain or lose what, and what is proved about it. Nothing leaves this browser."
    >
      <BaseConfigBar>
        <div class="actions">
          <Hardened />
          <Link
            class="button"
            href="/access"
            before={() => {
              layer.value = 'playground'
            }}
          >
            Show its access
          </Link>
        </div>
      </BaseConfigBar>
      <div class="playground">
        <label class="editor">
          <span>Override</span>
          <textarea
            ref={editor}
            spellcheck={false}
            autoComplete="off"
            wrap="off"
            value={text.value ?? ''}
            onInput={(event) => {
              text.value = event.currentTarget.value
            }}
          />
        </label>
        <div class="results">
          <LintResult
            thought={lint}
            go={(line) => {
              if (editor.current !== null) goTo(editor.current, line)
            }}
          />
          <DiffResult thought={diff} />
          <ProofResult thought={proof} />
        </div>
      </div>
    </Page>
  )
}

/** The text after a pause in typing. */
function useSettled(): string | undefined {
  const settled = useSignal(text.value)
  const typed = text.value
  useEffect(() => {
    if (settled.value === undefined) {
      settled.value = typed
      return undefined
    }
    const timer = setTimeout(() => {
      settled.value = typed
    }, pauseMs)
    return () => {
      clearTimeout(timer)
    }
  }, [typed])
  return settled.value
}

/** A first visitor sees an override that holds, as a start for changes. */
function useHardened(): void {
  useEffect(() => {
    if (text.value === undefined) void takeHardened()
  }, [])
}

async function takeHardened(): Promise<void> {
  const client = new PolicyClient()
  text.value = await client.ask('build', choice.value).finally(() => {
    client.end()
  })
}

function Hardened() {
  return (
    <button
      type="button"
      onClick={() => {
        void takeHardened()
      }}
    >
      Start from the result of `policy build`
    </button>
  )
}

function goTo(editor: HTMLTextAreaElement, line: number): void {
  const lines = editor.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  editor.focus()
  editor.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
  editor.scrollTop = (editor.scrollHeight / lines.length) * Math.max(0, line - 4)
}
