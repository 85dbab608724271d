import type { NetworkNode, NetworkView } from '../view/block.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

/** The network of a project as inline SVG: from the outside to the cluster, side by side or one below the other. */
export function drawing({ project, nodes, sentence }: NetworkView, way: 'across' | 'down'): Markup {
  const isAcross = way === 'across'
  const step = isAcross ? width + gap : height + gap
  const extent = nodes.length * step - gap + 2 * edge
  const size = isAcross ? { x: extent, y: height + 2 * edge + 22 } : { x: width + 2 * edge + 40, y: extent + 22 }
  const place = (index: number): Point =>
    isAcross ? { x: edge + index * step, y: edge + 22 } : { x: edge + 20, y: edge + 22 + index * step }
  const id = `drawing-${project}-${way}`
  return html`<svg
    class="drawing ${way}"
    viewBox="0 0 ${size.x} ${size.y}"
    width="${size.x}"
    role="img"
    aria-labelledby="${id}"
  >
    <title id="${id}">${sentence}</title>
    ${boundary(nodes, place, way)}
    ${nodes.map((node, index) => [index === 0 ? [] : wire(place(index - 1), place(index), way), boxMarkup(node, place(index))])}
  </svg>`
}

const width = 176
const height = 112
const gap = 44
const edge = 14

function boxMarkup({ kind, name, values, isTenants }: NetworkNode, { x, y }: Point): Markup {
  const names = broken(name, 22).slice(0, 2)
  return html`<g
    ><rect class="box${isTenants ? ' tenant' : ''}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="kind" x="${x + 12}" y="${y + 20}">${kind}</text>
    ${names.map((part, line) => html`<text class="name" x="${x + 12}" y="${y + 38 + line * 15}">${part}</text>`)}
    ${values.map((value, line) => html`<text class="value" x="${x + 12}" y="${y + 42 + (names.length + line) * 15}">${shortened(value, 22)}</text>`)}</g
  >`
}

type Point = { readonly x: number; readonly y: number }

function wire(from: Point, to: Point, way: 'across' | 'down'): Markup {
  const line =
    way === 'across'
      ? `M${from.x + width} ${from.y + height / 2}H${to.x}`
      : `M${from.x + 24} ${from.y + height}V${to.y}`
  return html`<path class="wire" d="${line}" />`
}

/** Everything inside belongs to the tenant. */
function boundary(nodes: readonly NetworkNode[], place: (index: number) => Point, way: 'across' | 'down'): Markup {
  const first = nodes.findIndex(({ isTenants }) => isTenants)
  const [from, to] = [place(first), place(nodes.length - 1)]
  const room = way === 'across' ? 10 : 8
  return html`<rect
      class="boundary"
      x="${from.x - room}"
      y="${from.y - room - 16}"
      width="${to.x + width - from.x + 2 * room}"
      height="${to.y + height - from.y + 2 * room + 16}"
      rx="10"
    />
    <text class="kind" x="${from.x + (way === 'across' ? 0 : 40)}" y="${from.y - 9}">the tenant's own</text>`
}

/** Broken at a hyphen if there is one, so that long names stay inside their box. */
function broken(text: string, room: number): readonly string[] {
  if (text.length <= room) return [text]
  const at = text.lastIndexOf('-', room - 1)
  const cut = at > room / 3 ? at + 1 : room
  return [text.slice(0, cut), shortened(text.slice(cut), room)]
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 2)}..`
}
