import { expect, test } from 'vitest'
import { durationText, elapsedText, minuteText, timeText } from '../../src/report/view/time.ts'

test.each([
  [0, '0 ms', '0 s'],
  [999.4, '999 ms', '0 s'],
  [999.6, '1.0 s', '0 s'],
  [3449, '3.4 s', '3 s'],
  [59_949, '59.9 s', '59 s'],
  [59_950, '1 min 0 s', '59 s'],
  [204_400, '3 min 24 s', '3 min 24 s'],
  [7_500_000, '2 h 5 min', '2 h 5 min'],
])('%d ms took %s, and a clock that runs shows %s', (milliseconds, took, runs) => {
  expect(durationText(milliseconds)).toBe(took)
  expect(elapsedText(milliseconds)).toBe(runs)
})

test('times are in UTC', () => {
  expect(timeText('2026-05-04T10:01:40.500Z')).toBe('2026-05-04 10:01:40 UTC')
  expect(minuteText('2026-05-04T10:01:40.500Z')).toBe('2026-05-04 10:01Z')
})
