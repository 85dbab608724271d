import { useEffect, useState } from 'preact/hooks'

/** Of the window, for what style sheets alone cannot do: rows of a known height. */
export function useWidth(): number {
  const [width, setWidth] = useState(window.innerWidth)
  useEffect(() => {
    const measure = (): void => {
      setWidth(window.innerWidth)
    }
    window.addEventListener('resize', measure)
    return () => {
      window.removeEventListener('resize', measure)
    }
  }, [])
  return width
}
