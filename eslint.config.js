import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'examples/library/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-self-compare': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { requireDefaultForNonUnion: false, considerDefaultExhaustiveForUnions: false },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      // a number or a boolean in a template prints as expected
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `const { secret: _, ...rest }` is how a field is left out
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'export by name' }],
    },
  },
  {
    // Only the command line and the library touch the process (docs/architecture.md).
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/cli/**', 'src/library/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'only src/cli and src/library touch process' }],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:process', message: 'only src/cli touches process' }] },
      ],
    },
  },
  // beyond a few, arguments have names: an object
  { files: ['src/**/*.{ts,tsx}'], rules: { 'max-params': ['error', 5] } },
  {
    files: ['src/{onboarding,self-service,handover,rotation,fleet,tenant}/**/*.ts'],
    rules: { 'max-params': ['error', 4] },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  // vitest loads a reporter by its default export, and textlint a rule
  {
    files: [
      '*.config.ts',
      'eslint.config.js',
      'test/closing-line.ts',
      'scripts/prose/*/*.js',
      'site/.vitepress/config.mjs',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-confusing-void-expression': 'off' },
  },
)
