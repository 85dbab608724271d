/**
 * The common style of report and console, as CSS custom properties: one accent, a type scale of five sizes, light and
 * dark. A status colour is never the only sign: a symbol and a word say the same.
 */
export const tokens = `
:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --sheet: #f6f7f7;
  --ink: #1b2023;
  --ink-soft: #566067;
  --line: #d9dee0;
  --line-strong: #aeb7bb;
  --accent: #0a6b75;
  --accent-soft: #e3f0f1;
  --good: #1c6b3a;
  --good-soft: #e5f3ea;
  --warn: #805300;
  --warn-soft: #fcf1da;
  --bad: #a5232c;
  --bad-soft: #fbe8e8;
  --still: #566067;
  --still-soft: #eceff0;
  --size-small: 0.8125rem;
  --size-body: 0.9375rem;
  --size-lead: 1.125rem;
  --size-title: 1.375rem;
  --size-display: 2rem;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', 'DejaVu Sans Mono', monospace;
  --radius: 6px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181a;
    --sheet: #1b2023;
    --ink: #e5e9ea;
    --ink-soft: #a3adb2;
    --line: #2f373b;
    --line-strong: #566067;
    --accent: #5bc4cf;
    --accent-soft: #16343a;
    --good: #74cf95;
    --good-soft: #16301f;
    --warn: #e6b455;
    --warn-soft: #352a12;
    --bad: #f2878d;
    --bad-soft: #3c1b1e;
    --still: #a3adb2;
    --still-soft: #262d30;
  }
}
`
