/** A part of an override: rules that belong together, and why they are there. */
export type Section = {
  /** One paragraph for whoever reads the file at three in the morning. */
  readonly why: string
  readonly rules: readonly OverrideRule[]
  /** Who can do less than before, and what; each a line of the file's head. */
  readonly losses?: readonly string[]
}

/** A rule that lets in whoever meets one of the alternatives. */
export type OverrideRule = { readonly name: string; readonly anyOf: readonly string[] }

export function rule(name: string, ...anyOf: readonly string[]): OverrideRule {
  return { name, anyOf }
}

/** The rule as oslo.policy reads it. */
export function textOf({ anyOf }: OverrideRule): string {
  return anyOf.join(' or ')
}
