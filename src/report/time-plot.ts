import { invariant } from '../errors.ts'
import { trusted } from './markup.ts'
import type { Markup } from './markup.ts'
import type { ServiceTime, StageTime } from './times.ts'
import { durationText } from './labels.ts'

/** Bars as inline SVG. Only this file loads the plotting library, because most commands plot nothing. */
export type TimePlots = { readonly stages: Markup; readonly services: Markup }

export async function timePlots(times: readonly StageTime[]): Promise<TimePlots> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  // the types of a browser's document are missing here, and only its text is needed
  const window: unknown = parseHTML('<!doctype html><html></html>')
  const bars = (title: string, rows: readonly Bar[]): Markup => {
    const element: unknown = Plot.plot({
      document: memberOf(window, 'document'),
      className: 'plot',
      width: 640,
      height: 30 + rows.length * 24,
      marginTop: 4,
      marginBottom: 22,
      marginLeft: 150,
      marginRight: 110,
      ariaLabel: title,
      x: { label: null, ticks: 4, tickFormat: (value: number) => durationText(value), grid: true },
      y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
      marks: [
        Plot.barX(rows, { x: 'milliseconds', y: 'name', fill: 'var(--accent)', insetTop: 3, insetBottom: 3 }),
        Plot.text(rows, { x: 'milliseconds', y: 'name', text: 'text', textAnchor: 'start', dx: 5 }),
        Plot.ruleX([0]),
      ],
    })
    const svg = memberOf(element, 'outerHTML')
    invariant(typeof svg === 'string', 'a plot has its markup')
    return trusted(cleaned(svg))
  }
  return {
    stages: bars('time of each stage', times.map(stageBar)),
    services: bars('time waited for each service', serviceSums(times).map(serviceBar)),
  }
}

/**
 * Styles come from our stylesheet, because the page's policy allows no others. The plot is one image with one name,
 * because names of its parts would be noise for a screen reader.
 */
function cleaned(svg: string): string {
  return svg
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/^(<svg[^>]*) style="[^"]*"/, '$1')
    .replace(/(<g[^>]*) aria-label="[^"]*"/g, '$1')
    .replace(/^<svg/, '<svg role="img"')
}

function memberOf(value: unknown, name: string): unknown {
  const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return member
}

type Bar = { readonly name: string; readonly milliseconds: number; readonly text: string }

function stageBar({ stage, gate, milliseconds }: StageTime): Bar {
  const name = gate === 'accepted' ? `${stage}, accepted` : stage
  return { name, milliseconds, text: durationText(milliseconds) }
}

function serviceBar({ service, milliseconds, requests }: ServiceTime): Bar {
  return { name: service, milliseconds, text: `${durationText(milliseconds)} in ${requests}` }
}

/** Over all stages. Requests are concurrent, so this is waiting and not wall time. */
export function serviceSums(times: readonly StageTime[]): readonly ServiceTime[] {
  const sums = new Map<string, ServiceTime>()
  for (const { service, requests, milliseconds } of times.flatMap((time) => time.services)) {
    const known = sums.get(service) ?? { service, requests: 0, milliseconds: 0 }
    const requested = known.requests + requests
    sums.set(service, { service, requests: requested, milliseconds: known.milliseconds + milliseconds })
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}
