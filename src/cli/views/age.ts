/** `3 h ago`; empty without a time. For a person; data has the time itself. */
export function ageText(at: string | null, now: Date): string {
  if (at === null) return ''
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 1000))
  const [amount, unit] =
    seconds < 60
      ? [seconds, 's']
      : seconds < 3600
        ? [Math.floor(seconds / 60), 'min']
        : seconds < 2 * 86_400
          ? [Math.floor(seconds / 3600), 'h']
          : [Math.floor(seconds / 86_400), 'days']
  return `${amount} ${unit} ago`
}
