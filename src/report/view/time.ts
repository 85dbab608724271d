/** `2026-11-23 05:58:33 UTC`: whoever compares it with the log of a service need not convert. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}

/** `2026-11-23 05:58Z`, where many stand below one another. */
export function minuteText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')}Z`
}

/** Of a stage that was not proved again: nobody looked whether it still holds. */
export function keptText(since: string | undefined): string {
  return `${since === undefined ? 'proved earlier' : `proved ${minuteText(since)}`}; not looked at again`
}

/** `12 ms`, `3.4 s`, `14 min 3 s`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  return elapsedText(Math.round(milliseconds / 1000) * 1000)
}

/** The same in whole seconds, for a clock that runs: with tenths it would only flicker. */
export function elapsedText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
