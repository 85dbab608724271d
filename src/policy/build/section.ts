/** A part of an override: related rules, and their reason. */
export type Section = {
  /** One paragraph for an operator who reads the file in an emergency. */
  readonly why: string
  readonly rules: readonly OverrideRule[]
  /** The personas that lose rights, and which; each a line in the head of the file. */
  readonly losses?: readonly string[]
}

/** A rule that allows every caller that meets one of the alternatives. */
export type OverrideRule = { readonly name: string; readonly anyOf: readonly string[] }

export function rule(name: string, ...anyOf: readonly string[]): OverrideRule {
  return { name, anyOf }
}

/** The rule as oslo.policy reads it. */
export function textOf({ anyOf }: OverrideRule): string {
  return anyOf.join(' or ')
}
