import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import { rangeOf } from './window.ts'
import type { Range } from './window.ts'

/** The rows of a list that are visible on the page, or in the scrolling box. */
export function useRange(
  count: number,
  rowHeight: number,
  box?: RefObject<HTMLElement | null>,
): { readonly list: RefObject<HTMLDivElement | null>; readonly range: Range } {
  const list = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState<Range>(() => rangeOf(0, window.innerHeight, rowHeight, count))
  useLayoutEffect(() => {
    const scrolled = box?.current ?? window
    let frame = 0
    const measure = (): void => {
      frame = 0
      if (list.current === null) return
      const frameTop = box?.current?.getBoundingClientRect().top ?? 0
      const height = box?.current?.clientHeight ?? window.innerHeight
      const next = rangeOf(frameTop - list.current.getBoundingClientRect().top, height, rowHeight, count)
      setRange((before) => (before.first === next.first && before.last === next.last ? before : next))
    }
    const later = (): void => {
      if (frame === 0) frame = requestAnimationFrame(measure)
    }
    measure()
    scrolled.addEventListener('scroll', later, { passive: true })
    window.addEventListener('resize', later)
    return () => {
      cancelAnimationFrame(frame)
      scrolled.removeEventListener('scroll', later)
      window.removeEventListener('resize', later)
    }
  }, [count, rowHeight, box])
  return { list, range }
}
