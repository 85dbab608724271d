/** A gate as text and as the documented JSON. Pure. */
import type { Gate } from './gate.ts'
import type { GateCase, Group } from './gate-case.ts'
import type { InForce } from './in-force.ts'
import { fixesJson } from './shown-fixes.ts'
import type { Units } from './units.ts'

const titles: Readonly<Record<Group, string>> = { pass: 'PASS', deny: 'DENY', unaffected: 'UNAFFECTED' }

/** A line for each group and one for each failed case, or all cases on request. */
export function renderGate(gate: Gate, isVerbose: boolean): string {
  const groups = (['pass', 'deny', 'unaffected'] as const).flatMap((group) => {
    const cases = gate.cases.filter((one) => one.group === group)
    if (cases.length === 0) return []
    const held = cases.filter(({ ok }) => ok).length
    const shown = cases.filter(({ ok, expected }) => isVerbose || !ok || expected === 'reported')
    const few = isVerbose ? shown : shown.slice(0, 12)
    const more = shown.length - few.length
    return [
      `${held === cases.length ? 'ok  ' : 'NO  '} ${titles[group].padEnd(10)} ${held} of ${cases.length}`,
      ...few.map(line),
      ...(more === 0 ? [] : [`     and ${more} more (-v shows them)`]),
    ]
  })
  const seconds = (gate.milliseconds / 1000).toFixed(1)
  return [
    ...groups,
    `     in force   ${inForceText(gate.inForce)}`,
    `     units      ${unitWords(gate.units)}`,
    `     ${seconds} s`,
    '',
  ].join('\n')
}

function line({ id, ok, expected, observed, claim, detail, requestIds }: GateCase): string {
  const verdict =
    expected === 'reported' ? detail : ok ? observed : `expected ${expected}, observed ${observed}: ${detail}`
  const request = ok || requestIds.length === 0 ? '' : ` (${requestIds.at(-1) ?? ''})`
  return `     ${ok ? 'ok  ' : 'NO  '} ${id}: ${claim}: ${verdict}${request}`
}

export function inForceText({ verdict, strange, compared }: InForce): string {
  const of = strange.length === 0 ? `${compared} answers compared` : `all but ${strange.length} of ${compared} answers`
  switch (verdict) {
    case 'override':
      return `the override: ${of}`
    case 'previous':
      return `the earlier override: ${of}`
    case 'base':
      return `the base alone: ${of}`
    case 'neither':
      return `a mixture of the override and the earlier policy: ${of}`
    case 'unknown':
      return compared === 0
        ? 'unknown: no account could be asked'
        : 'unknown: name the policy of this Keystone (`--base`, `--release`)'
  }
}

function unitWords(units: Units | undefined): string {
  if (units === undefined) return 'could not be asked'
  const { verdict, connections, rounds, split } = units
  const on = `on ${connections} connections${rounds === 1 ? '' : `, after ${rounds} rounds`}`
  if (verdict === 'agreed') return `all equal ${on}`
  return `mixed ${on}: ${split.map(({ cell, allow, deny }) => `${cell} ${allow} yes, ${deny} no`).join('; ')}`
}

/** The documented contract of `-o json`. The personas' answers are in the record and not here. */
export function gateJson(gate: Gate): object {
  const { ok, cases, inForce, inferences, units, fixes, findings, milliseconds } = gate
  const { verdict, compared, strange } = inForce
  return {
    ok,
    milliseconds,
    cases,
    inForce: { verdict, compared, strange },
    roleInferences: inferences ?? null,
    units: units ?? null,
    fixes: fixesJson(fixes),
    findings,
  }
}
