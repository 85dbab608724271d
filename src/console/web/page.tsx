import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { hasMoved } from './route.ts'

type Props = { readonly title: string; readonly lead?: ComponentChildren; readonly children: ComponentChildren }

/** A page: its heading takes the focus when it replaces another one, so that a screen reader announces it. */
export function Page({ title, lead, children }: Props) {
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} - tenant-onboard`
  }, [title])
  useEffect(() => {
    if (hasMoved.value) head.current?.focus({ preventScroll: true })
  }, [])
  return (
    <main id="main" class="page">
      <header class="page-head">
        <h1 ref={head} tabIndex={-1}>
          {title}
        </h1>
        {lead === undefined ? undefined : <p class="lead">{lead}</p>}
      </header>
      {children}
    </main>
  )
}

/** Nothing to show, and how to change that. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** An error in this part of the page; the other parts stay valid. */
export function Trouble({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="trouble" role="alert">
      <h2>{title}</h2>
      {children}
    </div>
  )
}
