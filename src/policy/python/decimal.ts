/**
 * Exact decimal text of a double, as C's printf prints it: rounded half to even on the exact value, to any number of
 * digits. JavaScript's toFixed and toPrecision round ties up and stop at 100 digits.
 */
export function decimal(value: number, style: 'e' | 'f' | 'g', precision: number, keepsZeros: boolean): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return 'inf'
  switch (style) {
    case 'f':
      return fixed(scaled(value, precision), precision, keepsZeros)
    case 'e': {
      const { digits, exponent } = significant(value, precision + 1)
      return exponential(digits, exponent, keepsZeros)
    }
    case 'g': {
      const count = Math.max(1, precision)
      const { digits, exponent } = significant(value, count)
      const shown = keepsZeros ? digits : digits.replace(/(?!^)0+$/, '')
      if (exponent < -4 || exponent >= count) return exponential(shown, exponent, keepsZeros)
      if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${shown}`
      const whole = shown.slice(0, exponent + 1).padEnd(exponent + 1, '0')
      const rest = shown.slice(exponent + 1)
      return rest === '' && !keepsZeros ? whole : `${whole}.${rest}`
    }
  }
}

function fixed(number: bigint, precision: number, keepsPoint: boolean): string {
  const digits = number.toString().padStart(precision + 1, '0')
  if (precision === 0) return keepsPoint ? `${digits}.` : digits
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

function exponential(digits: string, exponent: number, keepsPoint: boolean): string {
  const point = digits.length > 1 || keepsPoint ? '.' : ''
  const tail = `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  return `${digits.slice(0, 1)}${point}${digits.slice(1)}${tail}`
}

/** `count` digits, the first not zero (unless the value is), and the power of ten of the first. */
function significant(value: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 }
  const guess = Number(value.toExponential().split('e')[1])
  const digits = scaled(value, count - 1 - guess).toString()
  // 9.99 rounds up to 10.0: one digit more than requested, and the next power of ten
  if (digits.length > count) return { digits: digits.slice(0, count), exponent: guess + 1 }
  // 1e23 is a little less than that: the shortest text guesses one power too many
  if (digits.length < count) return { digits: scaled(value, count - guess).toString(), exponent: guess - 1 }
  return { digits, exponent: guess }
}

/** `value * 10 ** power`, rounded half to even. */
function scaled(value: number, power: number): bigint {
  const [mantissa, exponent] = binary(value)
  let top = mantissa
  let bottom = 1n
  if (exponent >= 0) top <<= BigInt(exponent)
  else bottom <<= BigInt(-exponent)
  if (power >= 0) top *= 10n ** BigInt(power)
  else bottom *= 10n ** BigInt(-power)
  const whole = top / bottom
  const twice = (top % bottom) * 2n
  return twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole
}

/** `value` as mantissa and power of two, exactly. */
function binary(value: number): readonly [bigint, number] {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const fraction = raw & 0xf_ffff_ffff_ffffn
  const biased = Number((raw >> 52n) & 0x7ffn)
  return biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075]
}
