import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { NetworkReport } from './network.ts'

/** The network of a project as inline SVG: from the outside to the cluster, side by side or one below the other. */
export function drawing(network: NetworkReport, way: 'across' | 'down'): Markup {
  const boxes = boxesOf(network)
  const isAcross = way === 'across'
  const step = isAcross ? width + gap : height + gap
  const extent = boxes.length * step - gap + 2 * edge
  const size = isAcross ? { x: extent, y: height + 2 * edge + 22 } : { x: width + 2 * edge + 40, y: extent + 22 }
  const place = (index: number): Point =>
    isAcross ? { x: edge + index * step, y: edge + 22 } : { x: edge + 20, y: edge + 22 + index * step }
  const id = `drawing-${network.project}-${way}`
  return html`<svg
    class="drawing ${way}"
    viewBox="0 0 ${size.x} ${size.y}"
    width="${size.x}"
    role="img"
    aria-labelledby="${id}"
  >
    <title id="${id}">${sentence(network)}</title>
    ${boundary(boxes, place, way)}
    ${boxes.map((box, index) => [index === 0 ? [] : wire(place(index - 1), place(index), way), boxMarkup(box, place(index))])}
  </svg>`
}

type Box = {
  readonly kind: string
  readonly name: string
  readonly values: readonly string[]
  /** Inside the tenant's own project. */
  readonly isTenants: boolean
}

const width = 176
const height = 112
const gap = 44
const edge = 14

function boxesOf({ external, router, snat, network, subnet, cluster }: NetworkReport): readonly Box[] {
  const snatWords = snat.isOn === undefined ? 'SNAT not read' : snat.isOn ? 'SNAT on' : 'SNAT off'
  return [
    { kind: 'external network', name: external ?? 'not known', values: [], isTenants: false },
    {
      kind: 'router',
      name: router.name,
      values: [router.status ?? 'not read', snatWords, ...snat.addresses],
      isTenants: true,
    },
    {
      kind: 'network and subnet',
      name: network.name,
      values: [subnet.name, subnet.cidr ?? 'prefix not chosen'],
      isTenants: true,
    },
    ...(cluster === undefined
      ? []
      : [
          {
            kind: 'cluster',
            name: cluster.name,
            values: [
              cluster.status ?? 'not read',
              ...(cluster.api === undefined ? [] : [hostOf(cluster.api)]),
              machines(cluster),
            ],
            isTenants: true,
          },
        ]),
  ]
}

function machines({ masters, nodes }: NonNullable<NetworkReport['cluster']>): string {
  return masters.length + nodes.length === 0 ? '' : `${masters.length} master, ${nodes.length} node`
}

function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '')
}

function boxMarkup({ kind, name, values, isTenants }: Box, { x, y }: Point): Markup {
  const names = broken(name, 22).slice(0, 2)
  const shown = values.filter((value) => value !== '')
  return html`<g
    ><rect class="box${isTenants ? ' tenant' : ''}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="kind" x="${x + 12}" y="${y + 20}">${kind}</text>
    ${names.map((part, line) => html`<text class="name" x="${x + 12}" y="${y + 38 + line * 15}">${part}</text>`)}
    ${shown.map((value, line) => html`<text class="value" x="${x + 12}" y="${y + 42 + (names.length + line) * 15}">${shortened(value, 22)}</text>`)}</g
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
function boundary(boxes: readonly Box[], place: (index: number) => Point, way: 'across' | 'down'): Markup {
  const first = boxes.findIndex(({ isTenants }) => isTenants)
  const [from, to] = [place(first), place(boxes.length - 1)]
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

function sentence({ external, router, snat, network, subnet, cluster, project }: NetworkReport): string {
  const by = snat.addresses.length === 0 ? '' : `, which translates to ${snat.addresses.join(', ')}`
  const inside = cluster === undefined ? '' : `; cluster ${cluster.name} is on it`
  return `Project ${project}: ${external ?? 'the external network'}, router ${router.name}${by}, network ${network.name} with subnet ${subnet.name}${subnet.cidr === undefined ? '' : ` (${subnet.cidr})`}${inside}`
}
