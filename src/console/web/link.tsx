import type { ComponentChildren } from 'preact'
import { navigate } from './route.ts'

type Props = {
  readonly href: string
  readonly children: ComponentChildren
  readonly class?: string
  readonly 'aria-current'?: 'page'
  /** Called before the page changes. */
  readonly before?: () => void
}

/** A link within the console. Like an ordinary link, but a plain click does not reload the page. */
export function Link({ href, children, before, ...rest }: Props) {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    before?.()
    navigate(href)
  }
  return (
    <a href={href} onClick={follow} {...rest}>
      {children}
    </a>
  )
}
