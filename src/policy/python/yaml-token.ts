/** The tokens of a YAML text. */
import type { YamlPosition } from './yaml-text.ts'

export type YamlToken = { readonly place: YamlPosition } & (
  | {
      readonly kind:
        | 'document-start'
        | 'document-end'
        | 'stream-end'
        | 'block-sequence'
        | 'block-mapping'
        | 'block-end'
        | 'entry'
        | 'key'
        | 'value'
        | '['
        | ']'
        | '{'
        | '}'
        | ','
    }
  | { readonly kind: 'alias' | 'anchor'; readonly name: string }
  | {
      readonly kind: 'directive'
      readonly name: string
      readonly handle?: string
      readonly prefix?: string
      readonly major?: string
    }
  | { readonly kind: 'tag'; readonly handle: string | undefined; readonly suffix: string }
  | { readonly kind: 'scalar'; readonly text: string; readonly style: ScalarStyle }
)

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block'
