// A textlint rule: a link to a file of the repository leads to a file that exists, and to a heading that it has.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import GithubSlugger from 'github-slugger'

/** The anchors of a page, as GitHub makes them from its headings. Lines of code blocks are no headings. */
export function anchorsOf(text) {
  const slugger = new GithubSlugger()
  const anchors = new Set()
  let isCode = false
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)
    if (!isCode && heading) anchors.add(slugger.slug(heading[1].replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')))
  }
  return anchors
}

/** Why a link of a page does not work, or `undefined`. */
export function faultOf(page, url) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return undefined
  const [path, anchor] = decodeURI(url).split('#')
  const file = path === '' ? page : resolve(dirname(page), path)
  if (!existsSync(file)) return `no such file: ${url}`
  const target = statSync(file).isDirectory() ? join(file, 'README.md') : file
  if (anchor === undefined) return undefined
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? undefined : `no such heading: ${url}`
}

export default function links(context) {
  const { Syntax, RuleError, report, getFilePath } = context
  const check = (node) => {
    const fault = faultOf(getFilePath(), node.url)
    if (fault !== undefined) report(node, new RuleError(fault))
  }
  return { [Syntax.Link]: check, [Syntax.Image]: check, [Syntax.Definition]: check }
}
