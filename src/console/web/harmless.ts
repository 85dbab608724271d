import { options } from 'preact'
import type { VNode } from 'preact'
import { visible } from '../../visible.ts'

/**
 * Every text of every page is shown with the codes of what would hide or reorder it, because any name may come from a cloud. Preact
 * makes a node of each text, of no type, whose `props` are the text (preact 11.2.0, src/diff/children.js).
 */
export function showHarmfulCharacters(): void {
  const before = options.vnode?.bind(options)
  options.vnode = (node: VNode) => {
    const it: object = node
    if (isText(it)) it.props = visible(it.props)
    before?.(node)
  }
}

type TextNode = { type: null; props: string }

function isText(node: object): node is TextNode {
  return 'type' in node && node.type === null && 'props' in node && typeof node.props === 'string'
}
