import { visibleJson } from '../visible.ts'
import { renderHtml } from './html/page.ts'
import { inputsOf, parseInputs, renderInputs } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import { renderMarkdown } from './markdown/document.ts'
import type { Report } from './report.ts'

/** The three formats of a report. Each has its inputs inside, and can be taken apart again for `--check`. */
export type ReportFormat = 'html' | 'json' | 'markdown'

export function renderReport(report: Report, format: ReportFormat): string {
  switch (format) {
    case 'html':
      return renderHtml(report)
    case 'json':
      return `${visibleJson(JSON.stringify({ ...report, madeFrom: renderInputs(inputsOf(report)) }, undefined, 2))}\n`
    case 'markdown':
      return `${renderMarkdown(report)}\n${opening}${renderInputs(inputsOf(report))}${closing}\n`
  }
}

const opening = '<!-- made from '
const closing = ' -->'

/** By its first characters; `undefined` if it is not a report. */
export function formatOf(text: string): ReportFormat | undefined {
  if (text.startsWith('<!doctype html>')) return 'html'
  if (text.startsWith('{')) return 'json'
  return text.startsWith('# Tenant ') ? 'markdown' : undefined
}

/** The inputs that a report names. */
export function readInputs(text: string, format: ReportFormat): Inputs | undefined {
  switch (format) {
    case 'html': {
      const content = /<meta name="made-from" content="([^"]*)" \/>/.exec(text)?.[1]
      return content === undefined ? undefined : parseInputs(content.replaceAll('&quot;', '"').replaceAll('&#39;', "'"))
    }
    case 'json':
      return parseInputs(textUnder(text, 'madeFrom') ?? '')
    case 'markdown': {
      const from = text.lastIndexOf(opening)
      const to = text.lastIndexOf(closing)
      return from < 0 || to < from ? undefined : parseInputs(text.slice(from + opening.length, to))
    }
  }
}

/** The parts of a report, so that a difference has a name: `stage network`, `access`. */
export function partsOf(text: string, format: ReportFormat): ReadonlyMap<string, string> {
  switch (format) {
    case 'html':
      return split(text, /<(?:section|header class="page"|footer) id="([a-z-]+)"/g, 'head')
    case 'json':
      return jsonParts(text)
    case 'markdown':
      return split(text, /^#{2,3} (.+)$/gm, 'summary')
  }
}

function split(text: string, at: RegExp, before: string): ReadonlyMap<string, string> {
  const heads = [...text.matchAll(at)].map(({ index, 1: name = '' }) => ({ index, name: nameOf(name) }))
  const parts = new Map([[before, text.slice(0, heads[0]?.index ?? text.length)]])
  for (const [number, { index, name }] of heads.entries()) {
    const part = text.slice(index, heads[number + 1]?.index ?? text.length)
    // a part that occurs twice is compared as both together
    parts.set(name, `${parts.get(name) ?? ''}${part}`)
  }
  return parts
}

function nameOf(id: string): string {
  return id.replace(/^stage-/, 'stage ').replace(/^Stage /, 'stage ')
}

function jsonParts(text: string): ReadonlyMap<string, string> {
  const value = parse(text)
  const entries = Object.entries(value).flatMap(([key, one]) =>
    key === 'stages' && Array.isArray(one)
      ? one.map((stage: unknown, index) => [`stage ${stageName(stage) ?? index}`, JSON.stringify(stage)] as const)
      : [[key, JSON.stringify(one)] as const],
  )
  return new Map(entries)
}

function stageName(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'stage' in value && typeof value.stage === 'string'
    ? value.stage
    : undefined
}

function textUnder(text: string, key: string): string | undefined {
  const value = parse(text)[key]
  return typeof value === 'string' ? value : undefined
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
